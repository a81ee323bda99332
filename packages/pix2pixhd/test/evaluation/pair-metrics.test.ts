/**
 * MS-SSIM and CIEDE2000 against numbers that were computed once: MS-SSIM by NumPy and SciPy from the paper's equations
 * (`scipy.ndimage.correlate` with the window, halved as by the authors' `imfilter(ones(2)/4, 'symmetric')`), CIEDE2000 by
 * scikit-image 0.19.3, and by the published table of Sharma, Wu and Dalal (2005). And images deeper than 8 bits.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ciede2000, deltaE2000 } from '../../src/evaluation/ciede2000.js';
import type { ComparedImage } from '../../src/evaluation/comparable.js';
import { l1 } from '../../src/evaluation/l1.js';
import { msSsim } from '../../src/evaluation/ms-ssim.js';
import { psnr } from '../../src/evaluation/psnr.js';
import { ssim } from '../../src/evaluation/ssim.js';
import { disturbed, image, negative, pattern, ramp, step, type Value } from './patterns.js';

const close = (actual: number, expected: number, relative = 1e-10) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual}, expected ${expected}`);

type Case = readonly [name: string, size: [number, number, number], first: Value, second: Value, expected: number];

const msSsimCases: readonly Case[] = [
  ['even sides, RGB', [192, 176, 3], pattern, disturbed, 0.986831057382977],
  ['odd sides, grey', [201, 177, 1], pattern, disturbed, 0.9867498725127427],
  ['a step on a ramp', [180, 180, 3], ramp, step, 0.8701690506316709],
  ['the negative, whose structure is opposed', [176, 176, 1], pattern, negative, 0],
];

for (const [name, size, first, second, expected] of msSsimCases)
  test(`MS-SSIM: ${name}`, () => {
    const [a, b] = [image(...size, first), image(...size, second)];
    close(msSsim(a, b), expected);
    close(msSsim(b, a), expected);
    assert.equal(msSsim(a, a), 1);
  });

test('MS-SSIM is defined from 176 pixels a side on', () => {
  const small = image(176, 175, 1, pattern);
  assert.throws(() => msSsim(small, small), /MS-SSIM needs at least 176×176 pixels, found 176×175/);
});

const ciedeCases: readonly Case[] = [
  ['RGB', [32, 24, 3], pattern, disturbed, 4.605669085287469],
  ['the negative', [32, 24, 3], pattern, negative, 68.82146809178069],
  ['a step on a ramp', [64, 48, 3], ramp, step, 1.573494691772809],
  ['RGB, tall', [13, 64, 3], pattern, disturbed, 4.496760143755656],
  ['grey', [40, 17, 1], pattern, disturbed, 3.005030596052599],
];

for (const [name, size, first, second, expected] of ciedeCases)
  test(`CIEDE2000 matches scikit-image: ${name}`, () => {
    const [a, b] = [image(...size, first), image(...size, second)];
    close(ciede2000(a, b), expected);
    close(ciede2000(b, a), expected);
    assert.equal(ciede2000(a, a), 0);
  });

/** L, a, b of both colours, and their difference to four decimals. */
const sharma: readonly (readonly [number, number, number, number, number, number, number])[] = [
  [50.0, 2.6772, -79.7751, 50.0, 0.0, -82.7485, 2.0425],
  [50.0, 3.1571, -77.2803, 50.0, 0.0, -82.7485, 2.8615],
  [50.0, 2.8361, -74.02, 50.0, 0.0, -82.7485, 3.4412],
  [50.0, -1.3802, -84.2814, 50.0, 0.0, -82.7485, 1.0],
  [50.0, -1.1848, -84.8006, 50.0, 0.0, -82.7485, 1.0],
  [50.0, -0.9009, -85.5211, 50.0, 0.0, -82.7485, 1.0],
  [50.0, 0.0, 0.0, 50.0, -1.0, 2.0, 2.3669],
  [50.0, -1.0, 2.0, 50.0, 0.0, 0.0, 2.3669],
  [50.0, 2.49, -0.001, 50.0, -2.49, 0.0009, 7.1792],
  [50.0, 2.49, -0.001, 50.0, -2.49, 0.001, 7.1792],
  [50.0, 2.49, -0.001, 50.0, -2.49, 0.0011, 7.2195],
  [50.0, 2.49, -0.001, 50.0, -2.49, 0.0012, 7.2195],
  [50.0, -0.001, 2.49, 50.0, 0.0009, -2.49, 4.8045],
  [50.0, -0.001, 2.49, 50.0, 0.001, -2.49, 4.8045],
  [50.0, -0.001, 2.49, 50.0, 0.0011, -2.49, 4.7461],
  [50.0, 2.5, 0.0, 50.0, 0.0, -2.5, 4.3065],
  [50.0, 2.5, 0.0, 73.0, 25.0, -18.0, 27.1492],
  [50.0, 2.5, 0.0, 61.0, -5.0, 29.0, 22.8977],
  [50.0, 2.5, 0.0, 56.0, -27.0, -3.0, 31.903],
  [50.0, 2.5, 0.0, 58.0, 24.0, 15.0, 19.4535],
  [50.0, 2.5, 0.0, 50.0, 3.1736, 0.5854, 1.0],
  [50.0, 2.5, 0.0, 50.0, 3.2972, 0.0, 1.0],
  [50.0, 2.5, 0.0, 50.0, 1.8634, 0.5757, 1.0],
  [50.0, 2.5, 0.0, 50.0, 3.2592, 0.335, 1.0],
  [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
  [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.263],
  [61.2901, 3.7196, -5.3901, 61.4292, 2.248, -4.962, 1.8731],
  [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
  [22.7233, 20.0904, -46.694, 23.0331, 14.973, -42.5619, 2.0373],
  [36.4612, 47.858, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
  [90.8027, -2.0831, 1.441, 91.1528, -1.6435, 0.0447, 1.4441],
  [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
  [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
  [2.0776, 0.0795, -1.135, 0.9033, -0.0636, -0.5514, 0.9082],
];

test('CIEDE2000: the 34 pairs of Sharma, Wu and Dalal', () => {
  assert.equal(sharma.length, 34);
  for (const [l1, a1, b1, l2, a2, b2, expected] of sharma)
    for (const found of [deltaE2000([l1, a1, b1], [l2, a2, b2]), deltaE2000([l2, a2, b2], [l1, a1, b1])])
      assert.ok(Math.abs(found - expected) <= 0.5001e-4, `${found}, expected ${expected}`);
});

test('16 bits are compared at their depth: scikit-image’s numbers with data_range=65535', () => {
  const deep = (value: Value, add: number): ComparedImage => {
    const codes = image(32, 24, 3, value).data;
    return {
      width: 32,
      height: 24,
      channels: 3,
      data: Float32Array.from(codes, v => Math.min(65535, v * 257 + add) / 257),
    };
  };
  const [a, b] = [deep(pattern, 3), deep(disturbed, 0)];
  close(psnr(a, b), 26.93825984356783, 1e-7);
  close(ssim(a, b), 0.9325109071619279, 1e-7);
  close(l1(a, b), 0.03852411614234971, 1e-7);
});
