/** Decoding leaves values untouched, and says which file is at fault. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import crc32 from 'crc-32';
import sharp, { type Sharp } from 'sharp';
import { decodeImage, decodeInstanceMap, decodeLabelMap } from '../../src/data/decode/decode.js';
import { readHeader } from '../../src/data/files/header.js';
import { UserError } from '../../src/errors.js';
import { noise, temporaryFolder, writePng, writeWithSharp } from './images.js';
import { writeTiff } from './stored-files.js';

/** A matcher for a UserError whose message holds all of the given texts. */
function userError(...texts: readonly string[]): (error: unknown) => true {
  return error => {
    assert.ok(error instanceof UserError, `not a UserError: ${error}`);
    for (const text of texts)
      assert.ok(error.message.includes(text), `${JSON.stringify(text)} is not in: ${error.message}`);
    return true;
  };
}

for (const channels of [1, 2, 3, 4]) {
  test(`PNG of ${channels} channel(s), 8 and 16 bits, keeps every value`, async t => {
    const path = join(temporaryFolder(t), 'image.png');
    const data8 = noise(5 * 3 * channels);
    writePng(path, 5, channels, data8);
    const eight = await decodeImage(path);
    assert.deepEqual([eight.width, eight.height, eight.channels], [5, 3, channels]);
    assert.equal(eight.alpha, channels % 2 === 0);
    assert.deepEqual(eight.data, data8);

    const data16 = Uint16Array.from({ length: 5 * 3 * channels }, (_, i) => (i * 4093 + 7) & 0xffff);
    writePng(path, 5, channels, data16);
    const sixteen = await decodeImage(path);
    assert.equal(sixteen.channels, channels);
    assert.deepEqual(sixteen.data, data16);
  });
}

test('lossless WebP and TIFF keep every value', async t => {
  const folder = temporaryFolder(t);
  const data = noise(7 * 4 * 3);
  for (const name of ['image.webp', 'image.tiff']) {
    await writeWithSharp(join(folder, name), 7, 3, data);
    assert.deepEqual((await decodeImage(join(folder, name))).data, data, name);
  }
});

test('floating-point TIFF keeps every bit', async t => {
  // 3×2, written by Pillow in mode "F"; the numbers are the bit patterns of its pixels.
  const path = join(temporaryFolder(t), 'float.tif');
  writeFileSync(
    path,
    Buffer.from(
      'SUkqAAgAAAAKAAABBAABAAAAAwAAAAEBBAABAAAAAgAAAAIBAwABAAAAIAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAAhgAAABYBBAABAAAAAgAAABcBBAABAAAAGAAAABwBAwABAAAAAQAAAFMBAwABAAAAAwAAAAAAAAAXAQ0/LUk1P3fxlD6ZxQI/LJhkP3dzZT8=',
      'base64',
    ),
  );
  const image = await decodeImage(path);
  assert.ok(image.data instanceof Float32Array);
  assert.deepEqual([image.width, image.height, image.channels], [3, 2, 1]);
  assert.deepEqual(
    [...new Uint32Array(image.data.slice().buffer)],
    [1057816855, 1060456749, 1049948535, 1057146265, 1063557164, 1063613303],
  );
});

test('an embedded colour profile changes no pixel', async t => {
  const path = join(temporaryFolder(t), 'p3.png');
  const data = noise(6 * 6 * 3);
  // The profile is only attached: libvips converts no pixel when the input is declared to be in it already.
  await sharp(data, { raw: { width: 6, height: 6, channels: 3 } })
    .withIccProfile('p3')
    .png()
    .toFile(path);
  const { data: stored } = await sharp(path, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual(Buffer.from((await decodeImage(path)).data), stored);
  assert.notDeepEqual(stored, await sharp(path).raw().toBuffer(), 'the profile makes no difference: the test is empty');
});

test('a palette PNG is a label map of indices, also where two indices have one colour', async t => {
  // 7×5, 2 bits per pixel, written by Pillow; colours 0 and 3 are equal. The ids are numpy.asarray of Pillow's image.
  const path = join(temporaryFolder(t), 'palette.png');
  writeFileSync(
    path,
    Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFAgMAAAD09B5LAAAADFBMVEUJCQnIAAAAyAAJCQlSrSJgAAAAF0lEQVR4nGMoUWAIv8FQ8oZhjwfDWQcAJO4FNRD2Km0AAAAASUVORK5CYII=',
      'base64',
    ),
  );
  const ids = [1, 3, 1, 0, 0, 2, 0, 1, 1, 1, 3, 3, 1, 2, 1, 3, 1, 0, 3, 2, 3, 2, 3, 3, 0, 1, 0, 2, 3, 0, 3, 1, 1, 0, 0];
  assert.deepEqual([...(await decodeLabelMap(path)).data], ids);
  const colours = [[9, 9, 9], [200, 0, 0], [0, 200, 0], [9, 9, 9]]; // biome-ignore format: a table
  assert.deepEqual(
    [...(await decodeImage(path)).data],
    ids.flatMap(id => colours[id]!),
  );
});

test('instance maps keep 16 bits', async t => {
  const path = join(temporaryFolder(t), 'inst.png');
  const ids = Uint16Array.from([0, 7, 24000, 26001, 33999, 65535]);
  writePng(path, 3, 1, ids);
  const map = await decodeInstanceMap(path);
  assert.deepEqual([map.width, map.height], [3, 2]);
  assert.deepEqual([...map.data], [...ids]);
});

test('colours, alpha and lossy files are refused as maps of ids, by name', async t => {
  const folder = temporaryFolder(t);
  writePng(join(folder, 'rgb.png'), 2, 3, noise(12));
  await assert.rejects(decodeLabelMap(join(folder, 'rgb.png')), userError('rgb.png', '3 channels', 'labelIds'));
  writePng(join(folder, 'la.png'), 2, 2, noise(8));
  await assert.rejects(decodeInstanceMap(join(folder, 'la.png')), userError('la.png', 'alpha'));
  await sharp(noise(64), { raw: { width: 8, height: 8, channels: 1 } })
    .jpeg()
    .toFile(join(folder, 'map.jpg'));
  await assert.rejects(decodeLabelMap(join(folder, 'map.jpg')), userError('map.jpg', 'JPEG', 'PNG'));
});

test('CMYK images are refused', async t => {
  const path = join(temporaryFolder(t), 'print.jpg');
  await sharp(noise(48), { raw: { width: 4, height: 4, channels: 3 } })
    .toColourspace('cmyk')
    .jpeg()
    .toFile(path);
  await assert.rejects(decodeImage(path), userError('print.jpg', 'CMYK', 'RGB'));
});

test('truncated and damaged files are errors that name the file', async t => {
  const folder = temporaryFolder(t);
  const pixels = noise(64 * 64 * 3);
  const write: Record<string, Sharp> = {
    'a.png': sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } }).png(),
    'a.jpg': sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } }).jpeg(),
    'a.webp': sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } }).webp(),
    'a.tif': sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } }).tiff(),
    'i.png': sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } }).png({ progressive: true }),
  };
  for (const [name, pipeline] of Object.entries(write)) {
    const whole = await pipeline.toBuffer();
    const path = join(folder, name);
    for (const part of [0, 0.02, 0.5, 0.95]) {
      writeFileSync(path, whole.subarray(0, Math.floor(whole.length * part)));
      await assert.rejects(decodeImage(path), userError(path, 'truncated'), `${name} cut to ${part}`);
    }
  }
  const label = join(folder, 'label.png');
  writePng(label, 64, 1, noise(4096));
  const bytes = readFileSync(label);
  writeFileSync(label, bytes.subarray(0, bytes.length - 200));
  await assert.rejects(decodeLabelMap(label), userError(label, 'truncated'));
  const flipped = Buffer.from(bytes);
  flipped[bytes.length >> 1]! ^= 0x10;
  writeFileSync(label, flipped);
  await assert.rejects(decodeLabelMap(label), userError(label));
  await assert.rejects(decodeImage(join(folder, 'absent.png')), userError('absent.png', 'ENOENT'));
});

test('a size that the file cannot hold is found in the header, before memory is allocated for it', async t => {
  const path = join(temporaryFolder(t), 'huge.png');
  writePng(path, 4, 1, noise(16));
  const bytes = readFileSync(path);
  bytes.writeUInt32BE(1 << 20, 16);
  bytes.writeInt32BE(crc32.buf(bytes.subarray(12, 29)), 29);
  writeFileSync(path, bytes);
  await assert.rejects(readHeader(path), userError(path, 'truncated', '1048576×4 pixels'));
  const tiff = join(temporaryFolder(t), 'cut.tif');
  const cut = { width: 4, bits: 16 } as const;
  writeTiff(tiff, cut, noise(16));
  await readHeader(tiff);
  const whole = readFileSync(tiff);
  const pixels = 32;
  // The pixels stand between header and directory; without them, the same tags.
  const moved = Buffer.concat([whole.subarray(0, 8), whole.subarray(8 + pixels)]);
  moved.writeUInt32LE(moved.readUInt32LE(4) - pixels, 4);
  moved.writeUInt32LE(100, moved.readUInt32LE(4) + 2 + 8);
  writeFileSync(tiff, moved);
  await assert.rejects(readHeader(tiff), userError(tiff, 'truncated', '100×4 pixels'));
});

test('every band of a TIFF is read, and alpha is what the file calls so', async t => {
  const path = join(temporaryFolder(t), 'bands.tif');
  for (const bits of [8, 16, 32] as const) {
    for (const channels of [2, 3, 4, 5, 6, 13]) {
      for (const photometric of channels < 3 ? ([1] as const) : ([1, 2] as const)) {
        const extra = channels - (photometric === 2 ? 3 : 1);
        const values = Array.from({ length: 7 * 4 * channels }, (_, i) =>
          bits === 32 ? Math.fround(((i * 7) % 64) / 64) : (i * 2654435 + channels) % 2 ** bits,
        );
        for (const [meaning, planar] of [
          [0, false],
          [extra > 0 ? 2 : 0, true],
        ] as const) {
          // biome-ignore format: a table
          const extraSamples = Array.from({ length: extra }, (_, i) => (i === extra - 1 ? meaning : 0));
          const format = bits === 32 ? 'float' : 'unsigned';
          writeTiff(path, { width: 7, bits, channels, photometric, extraSamples, planar, format }, values);
          const image = await decodeImage(path);
          const kind = `${channels} channels of ${bits} bits, photometric ${photometric}, last one ${meaning}, planar ${planar}`;
          assert.deepEqual(
            [image.width, image.height, image.channels, image.alpha],
            [7, 4, channels, meaning === 2],
            kind,
          );
          assert.deepEqual([...image.data], values, kind);
          assert.equal((await readHeader(path)).alpha, meaning === 2, kind);
        }
      }
    }
  }
});

test('floating-point values outside [0, 1] and values that are not numbers are refused with range and place', async t => {
  const path = join(temporaryFolder(t), 'float.tif');
  const write = (channels: number, values: readonly number[]) =>
    writeTiff(
      path,
      { width: 3, bits: 32, format: 'float', channels, extraSamples: Array(channels - 1).fill(0) },
      values,
    );
  write(1, [0, 1, 0.5, 0, 1400, -3.25]);
  await assert.rejects(
    decodeImage(path),
    userError(path, 'from -3.25 to 1400', 'x 1, y 1', '[0, 1]', '--input-range percentile'),
  );
  write(2, [0, 0, 1, 0.5, 0, Number.NaN, 2, 0, 1, 1, 1, 1]);
  await assert.rejects(decodeImage(path), userError(path, 'NaN', 'x 2, y 0, channel 2'));
  write(1, [0, 5, Number.NEGATIVE_INFINITY]);
  await assert.rejects(decodeImage(path), userError(path, 'infinite', 'x 2, y 0'));
  const rounded = [0, Math.fround(1 + 2 ** -23), -(2 ** -30)];
  write(1, rounded);
  assert.deepEqual([...(await decodeImage(path)).data], rounded, 'a rounding error is none of the user');
});

test('a compression that cannot be read is not called damage', async t => {
  const path = join(temporaryFolder(t), 'zstd.tif');
  writeTiff(path, { width: 4, bits: 8, claims: 50000 }, noise(16));
  for (const decode of [decodeImage, decodeLabelMap])
    await assert.rejects(decode(path), userError(path, 'ZSTD', 'cannot be read', 'deflate, LZW'));
});

test('depths that have no white are refused, not called damaged', async t => {
  const path = join(temporaryFolder(t), 'deep.tif');
  for (const [bits, format, said] of [
    [32, 'signed', 'signed 32-bit integers'],
    [32, 'unsigned', '32-bit integers'],
    [16, 'signed', 'signed 16-bit integers'],
  ] as const) {
    writeTiff(path, { width: 2, bits, format }, [0, 1, 2, 3]);
    await assert.rejects(decodeImage(path), userError(path, said, '--input-range percentile, or LO,HI'), said);
  }
  writeTiff(path, { width: 2, bits: 64, format: 'float' }, [0, 1, 2, 3]);
  await assert.rejects(decodeImage(path), userError(path, '64 bits, float', '8-bit, 16-bit or 32-bit floating-point'));
});
