/** The filter against the formulas of an exponential moving average, and against what it promises of motion. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Image8, ImageRaster } from '../../src/raster.js';
import { boxMaxima, boxMeans, changes, contrastOf, MOVING, STILL } from '../../src/video/change.js';
import { FlickerMeter } from '../../src/video/flicker.js';
import { Smoother } from '../../src/video/smooth.js';

const [width, height] = [64, 20];
const pixels = width * height;

/** Numbers that look random, 0…1, the same on every machine. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** About a normal distribution: the sum of twelve uniform numbers. */
function normal(next: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += next();
  return sum;
}

const image = (values: ArrayLike<number>, channels = 1): Image8 => ({
  width,
  height,
  channels,
  data: Uint8Array.from(values, value => Math.min(255, Math.max(0, Math.round(value)))),
});

/** A scene with contrast: a ramp from left to right. */
const ramp = Float64Array.from({ length: pixels }, (_, i) => 40 + 2 * (i % width));

test('means over 5×5 pixels and maxima over 25×25 are those of the definition, at the edges as well', () => {
  const next = random(1);
  const values = Float32Array.from({ length: pixels }, next);
  const [means, maxima] = [boxMeans(values, width, height), boxMaxima(values, width, height)];
  const around = (x: number, y: number, reach: number) =>
    [...values].filter((_, i) => Math.abs((i % width) - x) <= reach && Math.abs(Math.floor(i / width) - y) <= reach);
  for (let i = 0; i < pixels; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const square = around(x, y, 2);
    assert.ok(Math.abs(means[i]! - square.reduce((sum, value) => sum + value, 0) / square.length) < 1e-6);
    assert.equal(maxima[i], Math.max(...around(x, y, 12)));
  }
  for (const [w, h] of [
    [1, 1],
    [3, 2],
    [1, 40],
  ] as const)
    for (const box of [boxMeans, boxMaxima])
      assert.deepEqual(box(new Float32Array(w * h).fill(3), w, h), new Float32Array(w * h).fill(3));
});

test('where the input stands still, flicker falls as that of an exponential moving average', () => {
  const next = random(2);
  const input = image(ramp);
  for (const strength of [0.5, 0.8, 0.9]) {
    const smoother = new Smoother(strength);
    const meter = new FlickerMeter();
    // The average needs a while until the first frame no longer matters.
    for (let frame = 0; frame < 120; frame++) {
      const output = image(Float64Array.from({ length: pixels }, () => 128 + 20 * normal(next)));
      const smoothed = smoother.next(input, output);
      if (frame >= 40) meter.add(input, output, smoothed);
    }
    const { before, after, ghosting } = meter.result;
    // Of white noise: Var(y_t − y_{t−1}) = Var(x_t − x_{t−1}) · (1 − w)² / (1 + w).
    const expected = (1 - strength) / Math.sqrt(1 + strength);
    assert.ok(Math.abs(after! / before! - expected) < 0.03, `${strength}: ${after! / before!} for ${expected}`);
    // Mean |x_t − x_{t−1}| of normal noise is 2σ/√π.
    assert.ok(Math.abs(before! - (2 * 20) / Math.sqrt(Math.PI)) < 0.5);
    assert.equal(ghosting, null);
  }
});

test('where something moves, the output is the new one at once; the rest is averaged', () => {
  const smoother = new Smoother(0.9);
  const scene = (at: number) =>
    image(Float64Array.from(ramp, (value, i) => (i % width >= at && i % width < at + 4 ? 255 : value)));
  smoother.next(scene(2), image(new Uint8Array(pixels).fill(10)));
  const smoothed = smoother.next(scene(12), image(new Uint8Array(pixels).fill(250)));
  for (let i = 0; i < pixels; i++) {
    const x = i % width;
    // Both places, and 12 pixels around them.
    if (x < 28) assert.equal(smoothed.data[i], 250);
    // Further from both places than means and maxima reach.
    if (x >= 16 + 2 + 12) assert.equal(smoothed.data[i], Math.round(0.9 * 10 + 0.1 * 250));
  }
});

test('a slow change adds up: what is shown is never further behind than the threshold', () => {
  const smoother = new Smoother(0.95);
  const flat = Float64Array.from(ramp, value => value / 2);
  const bound = MOVING * contrastOf(image(flat)) + 1;
  let furthest = 0;
  for (let frame = 0; frame < 200; frame++) {
    // The output is the input, which gets brighter by less than the noise threshold from frame to frame.
    const now = image(flat.map(value => value + 0.5 * frame));
    assert.ok(0.5 < STILL * contrastOf(now));
    const { data } = smoother.next(now, now);
    for (let i = 0; i < pixels; i++) furthest = Math.max(furthest, now.data[i]! - data[i]!);
  }
  assert.ok(furthest <= bound, `${furthest} behind, ${bound} promised`);
  // Without letting go it would be w / (1 − w) frames behind.
  assert.ok(furthest < (0.5 * 0.95) / 0.05);
});

test('the scale of the input does not matter: 8 bits, or a narrow range of 16', () => {
  const next = random(3);
  const [narrow, wide] = [new Smoother(0.8), new Smoother(0.8)];
  for (let frame = 0; frame < 12; frame++) {
    const eight = image(Float64Array.from(ramp, (value, i) => ((i + frame) % 40 < 3 ? 220 : value) + 2 * normal(next)));
    const sixteen: ImageRaster = { ...eight, data: Uint16Array.from(eight.data, value => 27_000 + 16 * value) };
    const output = image(Float64Array.from({ length: pixels }, () => 255 * next()));
    const [a, b] = [wide.next(eight, output), narrow.next(sixteen, output)];
    for (let i = 0; i < pixels; i++) assert.ok(Math.abs(a.data[i]! - b.data[i]!) <= 1);
  }
});

test('an input without contrast: unchanged it is still, and any change is motion', () => {
  const grey = image(new Uint8Array(pixels).fill(7));
  assert.deepEqual(changes(grey, grey.data, contrastOf(grey)), new Float32Array(pixels));
  const other = image(new Uint8Array(pixels).fill(8));
  const smoother = new Smoother(0.5);
  smoother.next(grey, image(new Uint8Array(pixels)));
  assert.deepEqual(smoother.next(grey, image(new Uint8Array(pixels).fill(100))).data, new Uint8Array(pixels).fill(50));
  const last = image(new Uint8Array(pixels).fill(200));
  assert.deepEqual(smoother.next(other, last).data, last.data);
});

test('colours of input and output need not have equally many channels', () => {
  const input = image(ramp);
  const smoother = new Smoother(0.5);
  smoother.next(input, image(new Uint8Array(3 * pixels), 3));
  const colours = Uint8Array.from({ length: 3 * pixels }, (_, i) => [10, 20, 40][i % 3]!);
  assert.deepEqual([...smoother.next(input, image(colours, 3)).data.subarray(0, 6)], [5, 10, 20, 5, 10, 20]);
});
