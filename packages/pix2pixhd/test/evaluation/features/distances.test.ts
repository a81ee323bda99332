/**
 * FID's and KID's distances: the closed form for Gaussians, SciPy's numbers, which were recorded (`scipy.linalg.sqrtm` of the product
 * of `numpy.cov`; the estimate of KID written out in NumPy), and simulation.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/data/random.js';
import { frechetDistance } from '../../../src/evaluation/features/frechet-distance.js';
import { kernelDistance } from '../../../src/evaluation/features/kernel-distance.js';
import { deviation, mean } from '../../../src/statistics/mean.js';

/** sin(0.7 i (j + 1) + s) + 0.3 cos(1.3 i + j s) + 0.1 s. */
const features = (count: number, length: number, s: number) =>
  Array.from({ length: count }, (_, i) =>
    Float32Array.from(
      { length },
      (_, j) => Math.sin(0.7 * i * (j + 1) + s) + 0.3 * Math.cos(1.3 * i + j * s) + 0.1 * s,
    ),
  );
const close = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual}, expected ${expected}`);

const recorded: readonly [a: number, b: number, length: number, fid: number, kid: number][] = [
  [40, 30, 6, 1.2494965784623542, 0.07301006652000241],
  [5, 7, 12, 7.559393980238925, -0.23643632438640472],
  [20, 6, 9, 5.348063446105385, -0.14634772917619543],
];

test('both distances are those of SciPy and NumPy, with more images than features and with fewer', () => {
  for (const [a, b, length, fid, kid] of recorded) {
    const [x, y] = [features(a, length, 0.2), features(b, length, 1.1)];
    close(frechetDistance(x, y), fid, 1e-6);
    close(frechetDistance(y, x), fid, 1e-6);
    close(kernelDistance(x, y).value, kid, 1e-5);
  }
});

/** Points ±scale along each axis around a centre: mean `centre`, and a diagonal covariance of 2 scale² / (n − 1). */
const cross = (centre: readonly number[], scales: readonly number[]) =>
  scales.flatMap((scale, axis) =>
    [scale, -scale].map(step => Float32Array.from(centre, (value, i) => (i === axis ? value + step : value))),
  );

test('FID has the closed form of Gaussians', () => {
  const [first, second] = [
    [1, 2, 0.5, 0],
    [3, 0.25, 1, 2],
  ] as [number[], number[]];
  const expected = first.reduce<number>(
    (sum, scale, i) => sum + ([1, -1, 0.5, 2][i]! - 0.5) ** 2 + (2 / 7) * (scale - second[i]!) ** 2,
    0,
  );
  close(frechetDistance(cross([1, -1, 0.5, 2], first), cross([0.5, 0.5, 0.5, 0.5], second)), expected, 1e-12);
  const x = features(30, 5, 0.4);
  assert.ok(frechetDistance(x, x) < 1e-12);
  assert.throws(() => frechetDistance(x.slice(1, 2), x), RangeError);
});

const random = new Random(3);
const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
const cloud = (count: number, length: number, shift: number) =>
  Array.from({ length: count }, () => Float32Array.from({ length }, () => normal() + shift));

/**
 * The squared discrepancy of N(0, 1) and N(s, 1) under (xy + 1)³ in one dimension: the moments of x³, x², x weigh
 * 1, 3, 3 in the kernel, so that it is (Δm₃)² + 3 (Δm₂)² + 3 (Δm₁)².
 */
const truth = (s: number) => (3 * s + s ** 3) ** 2 + 3 * s ** 4 + 3 * s ** 2;

test('KID is unbiased, of however few images', () => {
  for (const shift of [0, 0.5]) {
    const values = Array.from({ length: 600 }, () => kernelDistance(cloud(3, 1, 0), cloud(3, 1, shift)).value);
    const error = deviation(values) / Math.sqrt(values.length);
    assert.ok(Math.abs(mean(values) - truth(shift)) < 3 * error, `${mean(values)} ± ${error}, true ${truth(shift)}`);
  }
});

test('the standard error of KID is the deviation of repeated measurements', () => {
  const runs = Array.from({ length: 40 }, () => kernelDistance(cloud(40, 1, 0), cloud(40, 1, 0.5)));
  const spread = deviation(runs.map(({ value }) => value));
  const stated = mean(runs.map(({ standardError }) => standardError!));
  assert.ok(Math.abs(stated / spread - 1) < 0.3, `${stated} stated, ${spread} seen`);
});

test('KID of many images is the mean over subsets, near the estimate of all; the same again', () => {
  const [x, y] = [cloud(200, 2, 0), cloud(210, 2, 0.3)];
  const small = { count: 100, size: 100, seed: 1 };
  const { value, standardError } = kernelDistance(x, y, small);
  const all = kernelDistance(x, y).value;
  assert.notEqual(value, all);
  assert.ok(Math.abs(value - all) < standardError!, `${value} ± ${standardError}, of all ${all}`);
  assert.deepEqual(kernelDistance(x, y, small), { value, standardError });
  assert.equal(kernelDistance(x.slice(0, 3), y.slice(0, 3)).standardError, undefined);
  assert.throws(() => kernelDistance(x.slice(0, 1), y), RangeError);
});
