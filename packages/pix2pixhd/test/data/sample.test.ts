/** From files to arrays: torchvision's normalisation, one transform for all images, channels and faults. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBatch } from '../../src/data/load/batch.js';
import { matchChannels } from '../../src/data/load/channels.js';
import { packImage } from '../../src/data/load/pack.js';
import { augment, loadImages, loadSample, type SampleSpec } from '../../src/data/load/sample.js';
import { sampleRandom } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';
import type { ImageArray, ImageRaster } from '../../src/raster.js';
import { noise, temporaryFolder, writePng } from './images.js';

const spec: SampleSpec = {
  transform: { mode: 'none', loadSize: 0, fineSize: 0, multiple: 1, flip: false },
  labelNc: 35,
  sourceChannels: 3,
  imageChannels: 3,
  alpha: 'drop',
};

function raster(width: number, channels: number, data: ImageArray, alpha = false): ImageRaster {
  return { width, height: data.length / (width * channels), channels, alpha, data };
}

test('every 8- and 16-bit value normalises to the float32 of torchvision', () => {
  // CRC-32 of v.float().div(255).sub(0.5).div(0.5) in PyTorch for v = 0…255, and of 0…65535 with 65535, little-endian.
  const all8 = packImage(
    raster(
      256,
      1,
      Uint8Array.from({ length: 256 }, (_, v) => v),
    ),
    1,
    false,
  );
  const all16 = packImage(
    raster(
      256,
      1,
      Uint16Array.from({ length: 65536 }, (_, v) => v),
    ),
    1,
    false,
  );
  assert.equal(checksum(all8), 3056371012);
  assert.equal(checksum(all16), 140592412);
  assert.deepEqual([...packImage(raster(3, 1, Float32Array.of(0, 0.75, 1)), 1, false)], [-1, 0.5, 1]);
});

/** CRC-32 (IEEE 802.3) of the bytes; zlib's own came only with Node 20.15. */
function checksum(values: Float32Array): number {
  const bytes = new Uint8Array(values.buffer);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

test('packing moves channels to planes, mirrors, and replicates grey', () => {
  const image = raster(2, 3, Uint8Array.of(0, 51, 102, 153, 204, 255));
  const of = (...values: number[]) => values.map(v => packImage(raster(1, 1, Uint8Array.of(v)), 1, false)[0]!);
  assert.deepEqual([...packImage(image, 3, false)], of(0, 153, 51, 204, 102, 255));
  assert.deepEqual([...packImage(image, 3, true)], of(153, 0, 204, 51, 255, 102));
  assert.deepEqual([...packImage(raster(2, 1, Uint8Array.of(10, 20)), 3, false)], of(10, 20, 10, 20, 10, 20));
});

test('channels: grey serves colour, alpha is dropped with a notice or laid on white, colour is never turned into grey', () => {
  const rgba = raster(2, 4, Uint8Array.of(100, 0, 255, 0, 100, 0, 255, 51), true);
  const dropped = matchChannels(rgba, 3, 'drop', 'f.png', '--input-nc');
  assert.deepEqual([...dropped.raster.data], [100, 0, 255, 100, 0, 255]);
  assert.match(dropped.notice ?? '', /transparen/);
  // Opacity 51/255 = 0.2: 100·0.2 + 255·0.8 = 224, 0 → 204, 255 → 255.
  assert.deepEqual(
    [...matchChannels(rgba, 3, 'white', 'f.png', '--input-nc').raster.data],
    [255, 255, 255, 224, 204, 255],
  );
  assert.equal(matchChannels(rgba, 4, 'drop', 'f.png', '--input-nc').raster, rgba);
  const opaque = raster(1, 4, Uint8Array.of(1, 2, 3, 255), true);
  assert.equal(matchChannels(opaque, 3, 'drop', 'f.png', '--input-nc').notice, undefined);
  assert.throws(
    () => matchChannels(raster(1, 3, noise(3)), 1, 'drop', 'f.png', '--output-nc'),
    (e: unknown) => e instanceof UserError && /f\.png/.test(e.message) && /--output-nc 3/.test(e.message),
  );
});

test('label, instance and image are cropped and mirrored together', async t => {
  const folder = temporaryFolder(t);
  const files = {
    stem: 's',
    label: join(folder, 'l.png'),
    instance: join(folder, 'i.png'),
    image: join(folder, 'x.png'),
  };
  // Every pixel carries its own number in all three files.
  const number = Uint8Array.from({ length: 12 * 10 }, (_, i) => i);
  writePng(files.label, 12, 1, number);
  writePng(
    files.instance,
    12,
    1,
    Uint16Array.from(number, v => v * 100),
  );
  writePng(files.image, 12, 1, number);
  const cropping: SampleSpec = {
    ...spec,
    labelNc: 200,
    imageChannels: 1,
    transform: { mode: 'crop', loadSize: 0, fineSize: 4, multiple: 4, flip: true },
  };
  const images = await loadImages(files, cropping);
  const kinds = new Set<string>();
  for (let i = 0; i < 40; i++) {
    const arrays = augment(files, images, cropping, sampleRandom(1, 0, i));
    const label = arrays.label!;
    assert.deepEqual([arrays.width, arrays.height, label.length], [4, 4, 16]);
    assert.deepEqual(
      [...arrays.instance!],
      Array.from(label, v => v * 100),
    );
    assert.deepEqual(arrays.image, packImage(raster(4, 1, Uint8Array.from(label)), 1, false));
    const step = label[1]! - label[0]!;
    assert.ok(Math.abs(step) === 1 && label[4]! - label[0]! === 12, `no contiguous crop: ${label}`);
    kinds.add(`${step}`);
  }
  assert.equal(kinds.size, 2, 'both mirrored and not');
});

test('augment returns arrays of its own, so a cached sample survives their transfer', async t => {
  const label = join(temporaryFolder(t), 'l.png');
  writePng(label, 4, 1, Uint8Array.of(0, 1, 2, 3));
  const sample = { stem: 's', label };
  const images = await loadImages(sample, spec);
  const arrays = augment(sample, images, spec, sampleRandom(0, 0, 0));
  structuredClone(arrays.label, { transfer: [arrays.label!.buffer as ArrayBuffer] });
  assert.deepEqual([...augment(sample, images, spec, sampleRandom(0, 0, 0)).label!], [0, 1, 2, 3]);
});

test('ids out of range are refused by file and value; 255 passes as "ignore"', async t => {
  const label = join(temporaryFolder(t), 'bad.png');
  const load = () => loadSample({ stem: 's', label }, spec, sampleRandom(0, 0, 0));
  writePng(label, 4, 1, Uint8Array.of(0, 34, 255, 1));
  assert.deepEqual([...(await load()).label!], [0, 34, 255, 1]);
  writePng(label, 4, 1, Uint8Array.of(0, 40, 255, 35));
  await assert.rejects(
    load,
    (e: unknown) =>
      e instanceof UserError &&
      /bad\.png/.test(e.message) &&
      /class id 35, 40,/.test(e.message) &&
      /--label-nc 41/.test(e.message),
  );
});

test('images of one sample that differ in size are refused, naming both files', async t => {
  const folder = temporaryFolder(t);
  const sample = { stem: 's', label: join(folder, 'l.png'), image: join(folder, 'x.png') };
  writePng(sample.label, 4, 1, new Uint8Array(16));
  writePng(sample.image, 5, 3, noise(60));
  await assert.rejects(loadSample(sample, spec, sampleRandom(0, 0, 0)), (e: unknown) => {
    assert.ok(e instanceof UserError);
    for (const text of ['l.png', 'x.png', '4×4', '5×4']) assert.ok(e.message.includes(text), text);
    return true;
  });
});

test('a batch stacks in order and refuses two sizes', () => {
  const one = { width: 2, height: 1, label: Int32Array.of(1, 2), image: Float32Array.of(0, 1), notices: [] };
  const two = { width: 2, height: 1, label: Int32Array.of(3, 4), image: Float32Array.of(2, 3), notices: [] };
  const channels = { sourceChannels: 3, imageChannels: 1 };
  const batch = makeBatch(['a', 'b'], [one, two], channels);
  assert.deepEqual([[...batch.label!], [...batch.image!], batch.instance], [[1, 2, 3, 4], [0, 1, 2, 3], undefined]);
  assert.equal(
    'image' in makeBatch(['a', 'b'], [one, { width: 2, height: 1, label: two.label, notices: [] }], channels),
    false,
  );
  assert.throws(
    () => makeBatch(['a', 'b'], [one, { ...two, width: 1, height: 2 }], channels),
    (e: unknown) => e instanceof UserError && /a, b/.test(e.message) && /1×2/.test(e.message),
  );
});
