/** Headers that claim more pixels than their file can hold, and files that hold as many as is possible. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { decodeImage, decodeLabelMap } from '../../src/data/decode/decode.js';
import { readHeader } from '../../src/data/files/header.js';
import { pngOf } from '../fuzz/checksums.js';
import { measured } from '../fuzz/cost.js';
import { temporaryFolder } from './images.js';

/** A PNG whose header claims a size, with rows of a kilobyte. */
function claiming(side: number, bits: number, colours: number): Buffer {
  const header = Buffer.from([...[0, 0, 0, 0, 0, 0, 0, 0], bits, colours, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  return pngOf(header, new Uint8Array(1024));
}

for (const [what, bits, colours] of [
  ['grey', 8, 0],
  ['grey of one bit', 1, 0],
  ['palette', 8, 3],
  ['palette of two bits', 2, 3],
  ['colour of 16 bits', 16, 2],
] as const)
  test(`a PNG of some hundred bytes that claims 60000 by 60000 pixels is refused unread: ${what}`, async t => {
    const path = join(temporaryFolder(t), 'bomb.png');
    writeFileSync(path, claiming(60_000, bits, colours));
    for (const read of [readHeader, decodeImage, decodeLabelMap] as ((path: string) => Promise<unknown>)[]) {
      const { outcome, cost } = await measured(() => read(path));
      assert.match(
        String(outcome.status === 'rejected' && outcome.reason),
        /claims 60000×60000 pixels, more than a file/,
      );
      assert.ok((cost.memory ?? 0) < 64 * 2 ** 20, `took ${cost.memory} bytes`);
    }
  });

test('a TIFF that claims them is refused as well', async t => {
  const path = join(temporaryFolder(t), 'bomb.tif');
  const tiff = await sharp(new Uint8Array(300), { raw: { width: 10, height: 10, channels: 3 } })
    .tiff()
    .toBuffer();
  // Width and length of the image, tags 256 and 257, in the directory of 12 bytes an entry.
  const directory = tiff.readUInt32LE(4);
  for (let i = 0; i < tiff.readUInt16LE(directory); i++) {
    const entry = directory + 2 + 12 * i;
    if (tiff.readUInt16LE(entry) > 257) continue;
    tiff.writeUInt16LE(4, entry + 2);
    tiff.writeUInt32LE(60_000, entry + 8);
  }
  writeFileSync(path, tiff);
  await assert.rejects(decodeImage(path), /claims 60000×60000 pixels, more than a file of \d+ bytes can hold/);
});

test('images of one colour, which pack best, are read in every format', async t => {
  const folder = temporaryFolder(t);
  const black = () => sharp({ create: { width: 1500, height: 1500, channels: 3, background: 'black' } });
  const grey = () => black().toColourspace('b-w');
  for (const [name, pipeline] of Object.entries({
    'a.png': black().png({ compressionLevel: 9 }),
    'palette.png': black().png({ palette: true, compressionLevel: 9 }),
    'grey.png': grey().png({ compressionLevel: 9 }),
    'lzw.tif': black().tiff({ compression: 'lzw' }),
    'deflate.tif': black().tiff({ compression: 'deflate' }),
    'fax.tif': grey().tiff({ compression: 'ccittfax4', bitdepth: 1 }),
    'a.jpg': black().jpeg({ progressive: true }),
    'a.webp': black().webp({ lossless: true }),
  })) {
    await pipeline.toFile(join(folder, name));
    const { width, height } = await readHeader(join(folder, name));
    assert.deepEqual([width, height], [1500, 1500], name);
  }
});
