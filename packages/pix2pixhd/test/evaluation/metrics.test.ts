/**
 * PSNR, SSIM and L1 against numbers computed by scikit-image 0.19.3 and NumPy on the same synthetic images:
 * `peak_signal_noise_ratio(a, b, data_range=255)`,
 * `structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2)`,
 * `np.abs(a / 255 - b / 255).mean()`.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { l1 } from '../../src/evaluation/l1.js';
import { formatFigure, meanFigures, measure, metricNames, metrics } from '../../src/evaluation/metrics.js';
import { psnr } from '../../src/evaluation/psnr.js';
import { ssim } from '../../src/evaluation/ssim.js';
import { disturbed, image, negative, pattern, ramp, step, type Value } from './patterns.js';

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-10 * Math.abs(expected), `${actual}, expected ${expected}`);

const cases: Array<[string, [number, number, number], Value, Value, [psnr: number, ssim: number, l1: number]]> = [
  ['RGB', [32, 24, 3], pattern, disturbed, [26.938207475234247, 0.932511033278138, 0.038522943899782135]],
  ['a single window', [11, 11, 1], pattern, disturbed, [27.330624388016858, 0.8570795730280735, 0.036687732944417434]],
  ['grey, wide', [40, 17, 1], pattern, disturbed, [26.821887073979795, 0.9285245938925957, 0.03915801614763552]],
  ['RGB, tall', [13, 64, 3], pattern, disturbed, [26.920887760730462, 0.925185912157268, 0.038670500251382606]],
  ['the negative', [32, 24, 3], pattern, negative, [4.511797986413622, -0.6397348184226189, 0.5198120915032679]],
  ['a step on a ramp', [64, 48, 3], ramp, step, [25.563651198261375, 0.989506370647026, 0.020325265522875818]],
];

for (const [name, size, first, second, expected] of cases) {
  test(`PSNR, SSIM and L1 match scikit-image: ${name}`, () => {
    const a = image(...size, first);
    const b = image(...size, second);
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      close(psnr(x, y), expected[0]);
      close(ssim(x, y), expected[1]);
      close(l1(x, y), expected[2]);
    }
  });
}

test('equal images: no error, infinite PSNR, SSIM of exactly one', () => {
  const a = image(20, 20, 3, pattern);
  assert.deepEqual(measure(a, a), { psnr: Number.POSITIVE_INFINITY, ssim: 1, l1: 0 });
});

test('images that cannot be compared are refused', () => {
  const a = image(20, 20, 3, pattern);
  for (const name of metricNames) {
    assert.throws(() => metrics[name].compare(a, image(20, 21, 3, pattern)), /20×20×3 and 20×21×3/);
    assert.throws(() => metrics[name].compare(a, image(20, 20, 1, pattern)), RangeError);
    assert.throws(() => metrics[name].compare(a, { ...a, data: a.data.subarray(1) }), /has 1199 values/);
  }
  const small = image(10, 30, 3, pattern);
  assert.throws(() => ssim(small, small), /at least 11×11/);
});

test('means and printing', () => {
  const mean = meanFigures([
    { psnr: 20, ssim: 0.5, l1: 0.1 },
    { psnr: 30, ssim: 0.75, l1: 0.05 },
  ]);
  close(mean.psnr, 25);
  close(mean.ssim, 0.625);
  close(mean.l1, 0.075);
  assert.throws(() => meanFigures([]), RangeError);
  assert.equal(formatFigure('psnr', 19.0666), '19.07 dB');
  assert.equal(formatFigure('ssim', 0.87654), '0.8765');
  assert.equal(formatFigure('psnr', Number.POSITIVE_INFINITY), '∞ dB');
});
