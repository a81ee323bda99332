/** Transforms undo each other, warping moves pixels where the transform says, boxes are as large as any. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  apply,
  commonBox,
  compose,
  cornersOf,
  identity,
  invert,
  narrower,
  rotation,
  type Size,
  scaling,
  seenShare,
  type Transform,
  translation,
  warp,
} from '../../../src/prepare/alignment/index.js';
import type { IdMap, ImageRaster } from '../../../src/raster.js';
import { random } from './scene.js';

const next = random(11);
const within = (limit: number) => (2 * next() - 1) * limit;
const randomTransform = (): Transform =>
  compose(translation(within(8), within(8)), rotation(within(0.3), 1 + within(0.3)), [
    ...[1 + within(0.1), within(0.1), 0, within(0.1), 1, 0, within(2e-3), within(2e-3), 1],
  ] as unknown as Transform);

/** A smooth image of any type: sums of waves, from 0.2 to 0.8 of its range. */
function waves<T extends ImageRaster['data']>(
  make: new (length: number) => T,
  range: number,
  channels: number,
): ImageRaster {
  const [width, height] = [40, 30];
  const data = new make(width * height * channels);
  for (let y = 0, o = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        data[o++] = range === 1 ? wave(x + 0.5, y + 0.5, c) : Math.round(range * wave(x + 0.5, y + 0.5, c));
  return { width, height, channels, data };
}
const wave = (x: number, y: number, c: number) => 0.5 + 0.15 * Math.sin(x / 4 + c) + 0.15 * Math.cos(y / 5 - c);

test('a transform and its inverse are the identity; compose applies the last first', () => {
  for (let k = 0; k < 50; k++) {
    const [s, t] = [randomTransform(), randomTransform()];
    const point = { x: within(40), y: within(40) };
    const back = apply(invert(t), apply(t, point));
    assert.ok(Math.hypot(back.x - point.x, back.y - point.y) < 1e-9);
    const [twice, once] = [apply(s, apply(t, point)), apply(compose(s, t), point)];
    assert.ok(Math.hypot(twice.x - once.x, twice.y - once.y) < 1e-9);
  }
  assert.throws(() => invert([1, 2, 0, 2, 4, 0, 0, 0, 1]), RangeError);
});

test('the identity, and shifts by whole pixels, change no value, of any type and with any interpolation', () => {
  const images = [
    waves(Uint8Array, 255, 3),
    waves(Uint16Array, 65535, 2),
    waves(Float32Array, 1, 1),
    waves(Uint8Array, 255, 5),
  ];
  for (const image of images) {
    for (const interpolation of ['nearest', 'linear', 'bicubic'] as const) {
      const same = warp(image, identity, image, { interpolation });
      assert.deepEqual(same.raster, image);
      assert.ok(same.valid.every(v => v === 1));
      const moved = warp(image, translation(3, -2), image, { interpolation, fill: 7 });
      for (let y = 0, i = 0; y < image.height; y++) {
        for (let x = 0; x < image.width; x++, i++) {
          const inside = x + 3 < image.width && y - 2 >= 0;
          assert.equal(moved.valid[i], inside ? 1 : 0);
          const from = ((y - 2) * image.width + x + 3) * image.channels;
          assert.equal(moved.raster.data[i * image.channels], inside ? image.data[from] : 7);
        }
      }
    }
  }
});

test('values between pixels are those of the function that was sampled', () => {
  const t = compose(translation(6.3, 4.2), rotation(0.1, 0.7), [1, 0, 0, 0, 1, 0, 1e-3, -1e-3, 1]);
  for (const [image, range, tolerance] of [
    [waves(Float32Array, 1, 2), 1, 0],
    [waves(Uint8Array, 255, 2), 255, 1],
    [waves(Uint16Array, 65535, 2), 65535, 1],
  ] as const) {
    for (const [interpolation, bound] of [
      ['linear', 4e-3],
      ['bicubic', 1e-3],
    ] as const) {
      const { raster } = warp(image, t, { width: 30, height: 20 }, { interpolation });
      assert.equal(raster.data.constructor, image.data.constructor);
      for (let y = 0, o = 0; y < 20; y++) {
        for (let x = 0; x < 30; x++) {
          const p = apply(t, { x: x + 0.5, y: y + 0.5 });
          for (let c = 0; c < 2; c++, o++) {
            if (p.x < 2 || p.y < 2 || p.x > 38 || p.y > 28) continue;
            const error = Math.abs(raster.data[o]! - range * wave(p.x, p.y, c));
            assert.ok(error <= bound * range + tolerance, `${interpolation}: ${error} of ${range}`);
          }
        }
      }
    }
  }
});

test('there and back again is nearly the same image', () => {
  const image = waves(Float32Array, 1, 1);
  const t = compose(translation(20, 15), rotation(0.05, 1.02), translation(-20, -15));
  const there = warp(image, t, image);
  const back = warp(there.raster, invert(t), image);
  for (let y = 5; y < 25; y++)
    for (let x = 5; x < 35; x++) assert.ok(Math.abs(back.raster.data[y * 40 + x]! - image.data[y * 40 + x]!) < 3e-3);
});

test('what becomes much smaller is antialiased; overshoot keeps to the range', () => {
  const [width, height] = [64, 64];
  const checks: ImageRaster = {
    width,
    height,
    channels: 1,
    data: Uint8Array.from({ length: 4096 }, (_, i) => ((i + (i >> 6)) % 2) * 255),
  };
  const small = warp(checks, scaling(4), { width: 16, height: 16 }).raster.data;
  for (const v of small) assert.ok(Math.abs(v - 127.5) < 12, `${v}: the mean of black and white`);
  const edge: ImageRaster = { width: 8, height: 1, channels: 1, data: Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1) };
  for (const v of warp(edge, translation(0.4, 0), edge).raster.data) assert.ok(v >= 0 && v <= 1);
});

test('ids are picked, never mixed', () => {
  const map: IdMap = {
    width: 20,
    height: 20,
    channels: 1,
    data: Int32Array.from({ length: 400 }, (_, i) => 1000 + i * 7),
  };
  const known = new Set(map.data);
  const { raster, valid } = warp(map, compose(translation(3.4, 1), rotation(0.2, 1.1)), map, { fill: -1 });
  assert.ok(raster.data instanceof Int32Array);
  for (const [i, id] of raster.data.entries()) assert.ok(valid[i] === 1 ? known.has(id) : id === -1);
  assert.ok(valid.includes(0) && valid.includes(1));
  assert.throws(() => warp(map, identity, map, { interpolation: 'linear' }), RangeError);
  assert.throws(() => warp(map, identity, { width: 2.5, height: 3 }), /cannot resample to 2.5×3/);
});

/** Whether B sees a whole pixel of A: its four corners, since what is seen is convex. */
function largestByTrying(t: Transform, a: Size, b: Size): number {
  const sees = (x: number, y: number) => {
    const w = t[6] * x + t[7] * y + t[8];
    const p = apply(t, { x, y });
    return w > 0 && p.x >= -1e-6 && p.y >= -1e-6 && p.x <= b.width + 1e-6 && p.y <= b.height + 1e-6;
  };
  let best = 0;
  for (let y = 0; y < a.height; y++)
    for (let x = 0; x < a.width; x++)
      for (let bottom = y + 1; bottom <= a.height; bottom++)
        for (let right = x + 1; right <= a.width; right++) {
          const area = (right - x) * (bottom - y);
          if (area > best && sees(x, y) && sees(right, y) && sees(x, bottom) && sees(right, bottom)) best = area;
        }
  return best;
}

test('the common box is seen by both cameras, and no other box is larger', () => {
  const [a, b] = [
    { width: 14, height: 11 },
    { width: 17, height: 12 },
  ];
  let found = 0;
  for (let k = 0; k < 60; k++) {
    const t = compose(translation(within(6), within(6)), randomTransform());
    const box = commonBox(t, a, b);
    const largest = largestByTrying(t, a, b);
    assert.equal(box === undefined ? 0 : box.width * box.height, largest);
    if (box === undefined) continue;
    found++;
    for (const corner of cornersOf(box)) {
      const p = apply(t, { x: corner.x + box.x, y: corner.y + box.y });
      assert.ok(p.x > -1e-3 && p.y > -1e-3 && p.x < b.width + 1e-3 && p.y < b.height + 1e-3);
    }
  }
  assert.ok(found > 30, `${found} boxes`);
  assert.deepEqual(commonBox(identity, a, b), { x: 0, y: 0, width: 14, height: 11 });
  assert.deepEqual(commonBox(translation(5, 0), a, b), { x: 0, y: 0, width: 12, height: 11 });
  assert.equal(commonBox(translation(50, 0), a, b), undefined);
});

test('the narrower camera is the one of which the other sees more', () => {
  const [thermal, colour] = [
    { width: 64, height: 51 },
    { width: 192, height: 108 },
  ];
  const wide = compose(translation(50, 20), scaling(1.2));
  assert.equal(narrower(wide, thermal, colour), 'a');
  assert.equal(narrower(invert(wide), colour, thermal), 'b');
  assert.equal(narrower(compose(translation(-60, -20), scaling(6)), thermal, colour), 'b');
  assert.ok(Math.abs(seenShare(translation(16, 0), thermal, thermal) - 0.75) < 1e-9);
});
