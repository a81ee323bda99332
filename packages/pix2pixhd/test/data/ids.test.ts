/** Ids are the stored values, for every depth and container. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeInstanceMap, decodeLabelMap } from '../../src/data/decode/decode.js';
import { loadSample, type SampleSpec } from '../../src/data/load/sample.js';
import { sampleRandom } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';
import { noise, temporaryFolder, writePng } from './images.js';
import { writeStoredPng, writeTiff } from './stored-files.js';

const WIDTH = 13;
const HEIGHT = 11;

/** Ids that use all values of a depth, or many of 16 bits. */
function idsOf(bits: number): number[] {
  return [...noise(WIDTH * HEIGHT)].map((v, i) => (v * 257 + i * 131) % 2 ** bits);
}

/** A matcher for a UserError about a map. */
function refused(...texts: readonly string[]): (error: unknown) => true {
  return error => {
    assert.ok(error instanceof UserError, `not a UserError: ${error}`);
    for (const text of texts) assert.ok(error.message.includes(text), `${text} is not in: ${error.message}`);
    return true;
  };
}

test('PNG of 1 to 16 bits, grey or palette, interlaced or not, transparent colour or not', async t => {
  const path = join(temporaryFolder(t), 'map.png');
  for (const bits of [1, 2, 4, 8, 16] as const) {
    const ids = idsOf(bits);
    for (const colourType of bits === 16 ? ([0] as const) : ([0, 3] as const)) {
      for (const interlaced of [false, true]) {
        for (const transparent of [false, true]) {
          const tRNS = colourType === 0 ? Buffer.from([0, 1]) : Buffer.from([255, 0]);
          // A gamma would be another reason to change values.
          const chunks = [['gAMA', Buffer.from([0, 0, 0x27, 0x10])], ...(transparent ? [['tRNS', tRNS]] : [])];
          const png = { width: WIDTH, bits, colourType, interlaced, chunks: chunks as [string, Buffer][] };
          writeStoredPng(path, png, ids);
          const map = await decodeLabelMap(path);
          const kind = `${bits} bits, colour type ${colourType}, interlaced ${interlaced}, tRNS ${transparent}`;
          assert.deepEqual([map.width, map.height], [WIDTH, HEIGHT], kind);
          assert.deepEqual([...map.data], ids, kind);
        }
      }
    }
  }
});

test('TIFF of 1 to 32 bits, grey, inverted or palette, either byte order, compressed or not', async t => {
  const path = join(temporaryFolder(t), 'map.tif');
  for (const bits of [1, 2, 4, 8, 16] as const) {
    const ids = idsOf(bits);
    for (const photometric of bits === 16 ? ([0, 1] as const) : ([0, 1, 3] as const)) {
      for (const bigEndian of [false, true]) {
        writeTiff(path, { width: WIDTH, bits, photometric, bigEndian, deflated: bigEndian }, ids);
        const kind = `${bits} bits, photometric ${photometric}, big-endian ${bigEndian}`;
        assert.deepEqual([...(await decodeLabelMap(path)).data], ids, kind);
      }
    }
  }
  const wide = idsOf(16).map(id => id * 1000 + 7);
  for (const format of ['signed', 'unsigned'] as const) {
    writeTiff(path, { width: WIDTH, bits: 32, format }, wide);
    assert.deepEqual([...(await decodeInstanceMap(path)).data], wide, format);
  }
});

test('three equal channels are one, and a constant alpha is none', async t => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'map.png');
  for (const bits of [8, 16] as const) {
    const ids = idsOf(bits);
    const opaque = 2 ** bits - 1;
    const cases = {
      2: (id: number) => [id, id, id],
      4: (id: number) => [id, opaque],
      6: (id: number) => [id, id, id, 7],
    };
    for (const [colourType, pixel] of Object.entries(cases)) {
      writeStoredPng(path, { width: WIDTH, bits, colourType: Number(colourType) as 2 | 4 | 6 }, ids.flatMap(pixel));
      assert.deepEqual([...(await decodeLabelMap(path)).data], ids, `${bits} bits, colour type ${colourType}`);
    }
  }
  const ids = idsOf(8);
  const tiff = join(folder, 'map.tif');
  writeTiff(
    tiff,
    { width: WIDTH, bits: 8, channels: 3, photometric: 2 },
    ids.flatMap(id => [id, id, id]),
  );
  assert.deepEqual([...(await decodeLabelMap(tiff)).data], ids);
  // Premultiplied by its tag: dividing by alpha would change the ids.
  writeTiff(
    tiff,
    { width: WIDTH, bits: 8, channels: 2, extraSamples: [1] },
    ids.flatMap(id => [id, 100]),
  );
  assert.deepEqual([...(await decodeLabelMap(tiff)).data], ids);
});

test('colours, varying alpha and values that were compressed away are refused, with the place', async t => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'map.png');
  writePng(path, 2, 3, Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 9, 4));
  await assert.rejects(decodeLabelMap(path), refused(path, '3 channels', '4, 9, 4 at x 1, y 1', 'colours, not ids'));
  writePng(path, 2, 2, Uint8Array.of(1, 255, 2, 255, 3, 0, 4, 255));
  await assert.rejects(decodeInstanceMap(path), refused(path, 'alpha', 'x 0, y 1', 'without alpha'));
  writeTiff(join(folder, 'm.tif'), { width: 2, bits: 8, channels: 5, extraSamples: [0, 0, 0, 0] }, noise(20));
  await assert.rejects(decodeLabelMap(join(folder, 'm.tif')), refused('5 channels'));
});

test('damage in a map is found, also in the header that is rewritten', async t => {
  const path = join(temporaryFolder(t), 'map.png');
  writeStoredPng(path, { width: WIDTH, bits: 2, colourType: 3 }, idsOf(2));
  const whole = readFileSync(path);
  for (const at of [19, 29, whole.length - 30, whole.length - 16]) {
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 1;
    writeFileSync(path, flipped);
    await assert.rejects(decodeLabelMap(path), refused(path), `byte ${at}`);
  }
  for (const length of [8, 20, 33, 50, whole.length - 13]) {
    writeFileSync(path, whole.subarray(0, length));
    await assert.rejects(decodeLabelMap(path), refused(path, 'truncated'), `${length} bytes`);
  }
});

test('label sets of 1, 2 and 4 bits make the same samples as their 8-bit twins, bit for bit', async t => {
  const folder = temporaryFolder(t);
  const spec: SampleSpec = {
    transform: { mode: 'resize_and_crop', loadSize: 9, fineSize: 8, multiple: 4, flip: true },
    labelNc: 16,
    sourceChannels: 3,
    imageChannels: 3,
    alpha: 'drop',
  };
  for (const bits of [1, 2, 4] as const) {
    const ids = idsOf(bits);
    const twin = join(folder, `${bits}-8.png`);
    writePng(twin, WIDTH, 1, Uint8Array.from(ids));
    const expected = await loadSample({ stem: 's', label: twin, instance: twin }, spec, sampleRandom(3, 1, 0));
    const files = { 'low.png': writeStoredPng, 'low.tif': writeTiff };
    for (const [name, write] of Object.entries(files)) {
      const low = join(folder, name);
      write(low, { width: WIDTH, bits, colourType: 0 }, ids);
      const got = await loadSample({ stem: 's', label: low, instance: low }, spec, sampleRandom(3, 1, 0));
      assert.deepEqual(got, expected, `${bits} bits, ${name}`);
    }
  }
});
