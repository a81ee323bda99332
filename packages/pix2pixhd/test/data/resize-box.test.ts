/**
 * A box of an image resized: inside the image Pillow's numbers, where Python has Pillow; beyond it those of an image whose edges were
 * repeated by hand; a ramp by its formula.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Random } from '../../src/data/random.js';
import { resizeBicubic, resizeNearest } from '../../src/data/resize/resize.js';
import type { Box, ImageRaster } from '../../src/raster.js';
import { findPythonWith } from '../support/python.js';
import { noise } from './images.js';

const python = findPythonWith('PIL');

const size = { width: 37, height: 29 };
/** Inside the image, up to its edges and away from them; Pillow holds boxes in single precision, which these fit. */
const inside: readonly (readonly [Box, number, number])[] = [
  [{ x: 0, y: 0, ...size }, 37, 29],
  [{ x: 4.125, y: 3.5, width: 24, height: 20.25 }, 37, 29],
  [{ x: 0, y: 2.75, width: 30.5, height: 26.25 }, 16, 48],
  [{ x: 9.375, y: 0.25, width: 27.5, height: 28.5 }, 11, 7],
  [{ x: 12, y: 8, width: 16, height: 8 }, 16, 8],
  [{ x: 5, y: 6, width: 24, height: 16 }, 12, 8],
];

const pillow = `
import base64, json, sys
from PIL import Image
for case in json.load(sys.stdin):
    image = Image.frombytes(case['mode'], case['size'], base64.b64decode(case['data']))
    box = case['box']
    box = (box['x'], box['y'], box['x'] + box['width'], box['y'] + box['height'])
    resized = image.resize(case['to'], getattr(Image, case['filter']), box=box)
    print(base64.b64encode(resized.tobytes()).decode())
`;

interface Case {
  readonly mode: 'L' | 'RGB' | 'I' | 'F';
  readonly filter: 'BICUBIC' | 'NEAREST';
  readonly data: Uint8Array | Int32Array | Float32Array;
}

function resizedByPillow({ mode, filter, data }: Case): Buffer[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  const cases = inside.map(([box, ...to]) => ({ mode, filter, data: bytes, size: [size.width, size.height], box, to }));
  const { stdout, stderr, status } = spawnSync(python!, ['-c', pillow], { input: JSON.stringify(cases) });
  assert.equal(status, 0, String(stderr));
  return String(stdout)
    .trim()
    .split('\n')
    .map(line => Buffer.from(line, 'base64'));
}

test('a box inside the image: Pillow’s numbers, of 8 bits, of 16 and in floating point', {
  skip: python === undefined && 'no Python with Pillow',
}, () => {
  const pixels = size.width * size.height;
  const grey = noise(pixels, 3);
  const wide = Int32Array.from(noise(pixels, 4), (v, i) => 256 * v + (i % 256));
  const real = Float32Array.from(wide, v => v / 65535);
  const raster = (channels: number, data: ImageRaster['data']): ImageRaster => ({ ...size, channels, data });
  const rgb = noise(3 * pixels, 5);
  for (const [given, ours] of [
    [{ mode: 'L', filter: 'BICUBIC', data: grey }, raster(1, grey)],
    [{ mode: 'RGB', filter: 'BICUBIC', data: rgb }, raster(3, rgb)],
    [{ mode: 'I', filter: 'BICUBIC', data: wide }, raster(1, Uint16Array.from(wide))],
    [{ mode: 'F', filter: 'BICUBIC', data: real }, raster(1, real)],
    [{ mode: 'I', filter: 'NEAREST', data: wide }, raster(1, Uint16Array.from(wide))],
  ] as const) {
    for (const [i, bytes] of resizedByPillow(given).entries()) {
      const [box, width, height] = inside[i]!;
      const view = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
      const truth =
        given.mode === 'F'
          ? new Float32Array(view)
          : given.mode === 'I'
            ? new Int32Array(view).map(v => Math.max(0, Math.min(v, 65535)))
            : new Uint8Array(view);
      const nearest = given.filter === 'NEAREST';
      const out = nearest ? resizeNearest(ours, width, height, box) : resizeBicubic(ours, width, height, box);
      assert.deepEqual([out.width, out.height], [width, height]);
      assert.deepEqual([...out.data], [...truth], `${given.mode} ${given.filter} ${JSON.stringify(box)}`);
    }
  }
});

/** An image with its edge pixels repeated `by` times on every side. */
function padded({ width, height, channels, data }: ImageRaster, by: number): ImageRaster {
  const [w, h] = [width + 2 * by, height + 2 * by];
  const clamp = (at: number, length: number) => Math.max(0, Math.min(at - by, length - 1));
  const from = (i: number) => {
    const [x, y] = [Math.floor(i / channels) % w, Math.floor(i / channels / w)];
    return (clamp(y, height) * width + clamp(x, width)) * channels + (i % channels);
  };
  const values = Array.from({ length: w * h * channels }, (_, i) => data[from(i)]!);
  const Type = data.constructor as Float32ArrayConstructor;
  return { width: w, height: h, channels, data: Type.from(values) };
}

test('beyond the image its edge pixels are repeated, to either side and wholly outside too', () => {
  const by = 60;
  const pixels = size.width * size.height;
  const images: readonly ImageRaster[] = [
    { ...size, channels: 3, data: noise(3 * pixels, 6) },
    { ...size, channels: 1, data: Uint16Array.from(noise(pixels, 7), v => 257 * v) },
    { ...size, channels: 2, data: Float32Array.from(noise(2 * pixels, 8), v => v / 255) },
  ];
  for (const box of [
    { x: -7.3, y: -5.9, width: 50.2, height: 44.4 },
    { x: -18.5, y: -14.5, width: 74, height: 58 },
    { x: 20.7, y: -9.25, width: 24.1, height: 20.5 },
    { x: 40.5, y: 31.5, width: 15.5, height: 10.5 },
  ]) {
    const moved = { ...box, x: box.x + by, y: box.y + by };
    for (const image of images) {
      const beyond = padded(image, by);
      assert.deepEqual(resizeNearest(image, 31, 23, box).data, resizeNearest(beyond, 31, 23, moved).data);
      const [ours, truth] = [resizeBicubic(image, 31, 23, box), resizeBicubic(beyond, 31, 23, moved)];
      // Weights of repeated pixels are rounded together, not one by one.
      const tolerance = image.data instanceof Float32Array ? 1e-5 : 1;
      for (const [i, value] of ours.data.entries())
        assert.ok(Math.abs(value - truth.data[i]!) <= tolerance, `${i}: ${value}, not ${truth.data[i]}`);
    }
  }
});

test('a box of the whole image is the plain resize, bit for bit, halving and no change at all included', () => {
  const image: ImageRaster = { width: 32, height: 24, channels: 3, data: noise(32 * 24 * 3) };
  const whole = { x: 0, y: 0, width: 32, height: 24 };
  for (const [width, height] of [
    [16, 12],
    [45, 17],
    [32, 24],
  ] as const) {
    assert.deepEqual(resizeBicubic(image, width, height, whole), resizeBicubic(image, width, height));
    assert.deepEqual(resizeNearest(image, width, height, whole).data, resizeNearest(image, width, height).data);
  }
});

test('a ramp stays a ramp, of the slope that the box gives it', () => {
  const [width, height] = [80, 60];
  const ramp: ImageRaster = {
    width,
    height,
    channels: 1,
    data: Float32Array.from({ length: width * height }, (_, i) => (i % width) + 2 * Math.floor(i / width)),
  };
  const random = new Random(8);
  // Larger by any factor, and smaller by two, of which the sampled kernel reproduces straight lines.
  for (const factor of [0.5, 1, 1.07, 1.4, 2]) {
    const box = {
      x: 8 + 6 * random.uniform(),
      y: 8 + 6 * random.uniform(),
      width: 30 / factor,
      height: 20 / factor,
    };
    const { data } = resizeBicubic(ramp, 30, 20, box);
    for (const [i, value] of data.entries()) {
      const x = box.x + ((i % 30) + 0.5) / factor - 0.5;
      const y = box.y + (Math.floor(i / 30) + 0.5) / factor - 0.5;
      assert.ok(Math.abs(value - (x + 2 * y)) < 1e-4, `${factor}: ${value}, not ${x + 2 * y}`);
    }
  }
});
