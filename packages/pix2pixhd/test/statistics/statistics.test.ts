/**
 * Intervals and tests: against SciPy's numbers, which were recorded (scipy 1.10: `binomtest`, its `proportion_ci(method='wilson')`,
 * and `permutation_test` with `permutation_type='samples'`), and by simulation where a truth is known.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/data/random.js';
import { binomialTest } from '../../src/statistics/binomial.js';
import { bootstrapMean, bootstrapOverSeeds, bootstrapT, type Estimate } from '../../src/statistics/bootstrap.js';
import { mean } from '../../src/statistics/mean.js';
import { signFlipTest, swapTest } from '../../src/statistics/sign-flip.js';
import { wilsonInterval } from '../../src/statistics/wilson.js';

const close = (actual: number, expected: number, relative = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual}, expected ${expected}`);

const random = new Random(7);
const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
const exponential = () => -Math.log(1 - random.uniform());

for (const [name, draw, truth] of [
  ['normal', normal, 0],
  ['skewed', exponential, 1],
] as const)
  test(`bootstrap intervals of ${name} figures hold the true mean in 95 % ± 2 of the samples`, () => {
    const samples = 1000;
    let hits = 0;
    for (let k = 0; k < samples; k++) {
      const { low, high } = bootstrapMean(Array.from({ length: 24 }, draw), k, 200)!;
      if (low <= truth && truth <= high) hits++;
    }
    assert.ok(Math.abs(hits / samples - 0.95) <= 0.02, `${hits} of ${samples}`);
  });

test('a bootstrap interval is the same again, none where nothing varies, and absent where it would mean nothing', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  assert.deepEqual(bootstrapMean(values), bootstrapMean(values));
  assert.notDeepEqual(bootstrapMean(values, 1), bootstrapMean(values, 2));
  assert.deepEqual(bootstrapMean([7, 7, 7, 7]), { mean: 7, low: 7, high: 7 });
  assert.equal(bootstrapMean([1, 2, 3]), undefined);
  assert.equal(bootstrapMean([1, 2, 3, Number.POSITIVE_INFINITY]), undefined);
  assert.throws(() => mean([]), RangeError);
});

test('an interval over seeds and pairs holds the mean, is the same again, and none where nothing varies', () => {
  const figures = [
    [1, 2, 3, 4],
    [2, 3, 4, 5],
  ];
  const { mean: centre, low, high } = bootstrapOverSeeds(figures);
  assert.equal(centre, 3);
  assert.ok(1 <= low && low < centre && centre < high && high <= 5);
  assert.deepEqual(bootstrapOverSeeds(figures), { mean: centre, low, high });
  assert.deepEqual(bootstrapOverSeeds([[7, 7]]), { mean: 7, low: 7, high: 7 });
});

test('the sign-flip test has SciPy’s p-values: exactly for few differences, nearly for many', () => {
  const cases: [number[], number][] = [
    [[1.2, -0.3, 0.8, 2.1, -0.5, 0.9], 0.15625],
    [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], 0.0078125],
    [[1, -1, 2, -2, 0.5], 1],
    [[0.31, -0.12, 0.4, 0.22, -0.05, 0.17, 0.28, -0.33, 0.09, 0.45, 0.02, -0.2], 0.1728515625],
    [[0, 0, 0], 1],
  ];
  for (const [differences, p] of cases) assert.equal(signFlipTest(differences), p);
  const many = Array.from({ length: 60 }, (_, i) => Math.sin(3 * i) + 0.15);
  // SciPy: 0.0990 of 400,000 draws; the standard deviation of a share of 9,999 draws is 0.003.
  assert.ok(Math.abs(signFlipTest(many) - 0.099) < 0.01);
  assert.equal(signFlipTest(Array.from({ length: 60 }, () => 1)), 1e-4);
});

test('where there is no difference, p is below 0.05 in one sample of twenty', () => {
  const samples = 1000;
  let small = 0;
  for (let k = 0; k < samples; k++) if (signFlipTest(Array.from({ length: 10 }, normal)) <= 0.05) small++;
  assert.ok(Math.abs(small / samples - 0.05) < 0.02, `${small} of ${samples}`);
});

/** Σ a / Σ b of a sample, with its standard error to first order. */
function ratio(a: readonly number[], b: readonly number[], times: Uint32Array): Estimate {
  const total = (of: readonly number[]) => of.reduce((sum, value, i) => sum + times[i]! * value, 0);
  const value = total(a) / total(b);
  const squares = a.map((own, i) => ((own - value * b[i]!) / total(b)) ** 2);
  return { value, error: Math.sqrt(total(squares)) };
}

test('bootstrap intervals of a ratio of sums hold the true one in 95 % ± 3 of the samples', () => {
  const [samples, units] = [400, 48];
  let hits = 0;
  for (let k = 0; k < samples; k++) {
    const sizes = Array.from({ length: units }, () => 0.2 + exponential());
    const parts = sizes.map(size => size * Math.min(1, Math.max(0, 0.5 + 0.1 * normal())));
    const [ends] = bootstrapT(units, times => [ratio(parts, sizes, times)], k, 200);
    if (ends!.low <= 0.5 && 0.5 <= ends!.high) hits++;
  }
  assert.ok(Math.abs(hits / samples - 0.95) <= 0.03, `${hits} of ${samples}`);
});

test('statistics without a spread, of few units or without a value', () => {
  const constant = (): Estimate[] => [
    { value: 3, error: 0 },
    { value: Number.NaN, error: Number.NaN },
  ];
  assert.deepEqual(bootstrapT(9, constant), [{ low: 3, high: 3 }, undefined]);
  assert.deepEqual(bootstrapT(3, constant), [undefined, undefined]);
});

test('the swap test of means is the sign-flip test', () => {
  const differences = [1.2, -0.3, 0.8, 2.1, -0.5, 0.9];
  const swapped = (values: readonly number[]) => (swaps: Uint8Array) => [
    mean(values.map((value, i) => (swaps[i] === 1 ? -value : value))),
  ];
  assert.deepEqual(swapTest(6, swapped(differences)), [signFlipTest(differences)]);
  const many = Array.from({ length: 60 }, (_, i) => Math.sin(3 * i) + 0.15);
  assert.ok(Math.abs(swapTest(60, swapped(many))[0]! - 0.099) < 0.01);
});

const shares: readonly [
  successes: number,
  trials: number,
  probability: number,
  p: number,
  low: number,
  high: number,
][] = [
  [0, 10, 0.5, 0.001953125, 0, 0.27753279986288926],
  [3, 10, 0.5, 0.34375, 0.10779126740630102, 0.6032218525388546],
  [70, 100, 0.5, 7.85013964559367e-5, 0.6041514536665333, 0.7810511470506725],
  [938, 1000, 0.5, 9.207520420822947e-202, 0.9213119396866343, 0.9513358198800193],
  [2, 15, 0.2, 0.7498611046809607, 0.03736125910306534, 0.3788198283232236],
  [510, 1000, 0.5, 0.5479727459234766, 0.479037495804546, 0.5408859690257428],
  [5, 5, 0.5, 0.0625, 0.5655175352168251, 1],
  [1200, 2500, 0.47, 0.31652704204552073, 0.46046173548045305, 0.49959963356201825],
];

test('Wilson’s intervals and the exact binomial test are SciPy’s', () => {
  for (const [successes, trials, probability, p, low, high] of shares) {
    close(binomialTest(successes, trials, probability), p);
    const interval = wilsonInterval(successes, trials);
    assert.equal(interval.share, successes / trials);
    close(interval.low, low);
    close(interval.high, high);
  }
});

test('counts that cannot be are refused', () => {
  for (const [successes, trials] of [
    [3, 2],
    [-1, 2],
    [0.5, 2],
  ] as const) {
    assert.throws(() => wilsonInterval(successes, trials), RangeError);
    assert.throws(() => binomialTest(successes, trials), RangeError);
  }
  assert.throws(() => wilsonInterval(0, 0), RangeError);
  assert.throws(() => binomialTest(1, 2, 1), RangeError);
});
