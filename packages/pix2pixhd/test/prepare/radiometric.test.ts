/**
 * Radiometric JPEG files: counts and visible images, taken out by exiftool. The files are built here from the format as exiftool
 * documents it: segments `FLIR`, which together are a file of records.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { decodeStored } from '../../src/data/decode/decode.js';
import { noise, temporaryFolder } from '../data/images.js';
import { refuse, succeed } from '../support/cli.js';

const withoutExiftool = spawnSync('exiftool', ['-ver']).status === 0 ? false : 'needs exiftool';
const RAW = 1;
const EMBEDDED = 0x0e;
const [width, height] = [20, 16];

function record(w: number, h: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt16LE(2, 0);
  head.writeUInt16LE(w, 2);
  head.writeUInt16LE(h, 4);
  return Buffer.concat([head, data]);
}

async function writeRadiometric(
  path: string,
  records: readonly (readonly [type: number, body: Buffer])[],
): Promise<void> {
  const directory = 64;
  const head = Buffer.alloc(directory);
  head.write('FFF\0TEST', 'latin1');
  head.writeUInt32LE(100, 0x14);
  head.writeUInt32LE(directory, 0x18);
  head.writeUInt32LE(records.length, 0x1c);
  let at = directory + 32 * records.length;
  const entries = records.map(([type, body]) => {
    const entry = Buffer.alloc(32);
    entry.writeUInt16LE(type, 0);
    entry.writeUInt32LE(at, 12);
    entry.writeUInt32LE(body.length, 16);
    at += body.length;
    return entry;
  });
  const segment = Buffer.concat([
    Buffer.from('FLIR\0\x01\0\0', 'latin1'),
    head,
    ...entries,
    ...records.map(([, body]) => body),
  ]);
  const marker = Buffer.from([0xff, 0xe1, 0, 0]);
  marker.writeUInt16BE(segment.length + 2, 2);
  const shown = await sharp({ create: { width, height, channels: 3, background: '#222' } })
    .jpeg()
    .toBuffer();
  writeFileSync(path, Buffer.concat([shown.subarray(0, 2), marker, segment, shown.subarray(2)]));
}

const counts = (i: number) => Uint16Array.from(noise(width * height, i), value => 13000 + 9 * value);
const visible = () =>
  sharp({ create: { width: 40, height: 32, channels: 3, background: '#a04020' } })
    .jpeg()
    .toBuffer();

test('raw counts become 16-bit inputs, whichever way the camera stores them, and visible images the targets', {
  skip: withoutExiftool,
}, async t => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'raw'));
  for (let i = 0; i < 4; i++) {
    const values = counts(i);
    // Uncompressed; or a PNG whose bytes are the wrong way round, as newer cameras write.
    const swapped = values.map(v => ((v & 255) << 8) | (v >> 8));
    const stored =
      i < 2 ? new Uint8Array(values.buffer) : encode({ width, height, data: swapped, depth: 16, channels: 1 });
    await writeRadiometric(join(root, 'raw', `${i}.jpg`), [
      [RAW, record(width, height, stored)],
      [EMBEDDED, record(40, 32, await visible())],
    ]);
  }
  const out = join(root, 'set');
  const said = await succeed('prepare', join(root, 'raw'), '--out', out, '--test', '0');
  assert.match(said, /4 train pairs/);
  for (const [i, extension] of [
    [0, 'tiff'],
    [1, 'tiff'],
    [2, 'png'],
    [3, 'png'],
  ] as const) {
    const { data } = await decodeStored(join(out, 'train_A', `${i}.${extension}`));
    assert.deepEqual(data, counts(i), `${i}`);
  }
  const target = await decodeStored(join(out, 'train_B', '0.jpg'));
  assert.deepEqual([target.width, target.height, target.channels], [40, 32, 3]);
  await writeRadiometric(join(root, 'raw', '5.jpg'), [[RAW, record(width, height, new Uint8Array(counts(5).buffer))]]);
  await refuse(
    ['prepare', join(root, 'raw'), '--out', join(root, 'o')],
    1,
    /5\.jpg/,
    /without the image of a visible camera/,
  );
});

test('images that exiftool writes in part, or not at all, are never taken for whole', {
  skip: withoutExiftool,
}, async t => {
  const root = temporaryFolder(t);
  for (const folder of ['raw', 'bin']) mkdirSync(join(root, folder));
  const records = [
    [RAW, record(width, height, new Uint8Array(counts(0).buffer))],
    [EMBEDDED, record(40, 32, await visible())],
  ] as const;
  for (const name of ['0', '1']) await writeRadiometric(join(root, 'raw', `${name}.jpg`), records);
  // The real one by its path, and what follows is what a full disk does: files end early, the exit code is 0.
  const real = spawnSync('sh', ['-c', 'command -v exiftool'], { encoding: 'utf8' }).stdout.trim();
  const program = (lines: string) =>
    writeFileSync(join(root, 'bin', 'exiftool'), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  const path = process.env.PATH;
  process.env.PATH = `${join(root, 'bin')}:${path}`;
  t.after(() => {
    process.env.PATH = path;
  });
  const out = join(root, 'set');
  const command = ['prepare', join(root, 'raw'), '--out', out, '--test', '0'];
  for (const tag of ['RawThermalImage', 'EmbeddedImage']) {
    program(
      `"${real}" "$@" || exit\nif [ "$4" = -${tag} ]; then for file in "\${6%/*}"/1.*; do truncate -s -60 "$file"; done; fi`,
    );
    await refuse(command, 1, /raw\/1\.jpg/, /did not come out whole \(1\.\w+: \d+ bytes\)/, /make room/);
  }
  program('echo "Error: Error creating file - 0.tiff" >&2; exit 1');
  await refuse(command, 1, /raw\/[01]\.jpg/, /exiftool says: Error: Error creating file/);
  // It ends with 1 for another reason, and all images are there.
  program(`"${real}" "$@"; exit 1`);
  assert.match(await succeed(...command), /2 train pairs/);
  assert.equal(existsSync(`${out}.frames`), false);
});
