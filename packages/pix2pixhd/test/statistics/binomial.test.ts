/** Shares and their tests against SciPy 1.10.1: `binomtest(k, n, p)` and its `proportion_ci(method='wilson')`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/data/random.js';
import { binomialTest } from '../../src/statistics/binomial.js';
import { wilsonInterval } from '../../src/statistics/wilson.js';

/** k, n, p, the p-value, and Wilson's interval, as SciPy printed them. */
const scipy = [
  [7, 10, 0.5, 0.34375, 0.39677814746114526, 0.892208732593699],
  [0, 5, 0.5, 0.0625, 0, 0.43448246478317476],
  [5, 5, 0.5, 0.0625, 0.5655175352168251, 1],
  [1, 1, 0.5, 1, 0.20654931437723745, 1],
  [52, 100, 0.5, 0.7643534344026673, 0.42316577765223956, 0.6153544824194809],
  [70, 100, 0.5, 7.85013964559367e-5, 0.6041514536665333, 0.7810511470506725],
  [3, 20, 0.3, 0.22041826738070913, 0.05236874589621662, 0.3604188647407569],
  [11, 13, 0.7, 0.3678757348276, 0.5776536898051747, 0.9567418216419188],
  [520, 1000, 0.5, 0.2174482932041409, 0.48901772465751897, 0.5508292050030588],
  [4690, 5000, 0.5, 0, 0.9309734894004899, 0.94435400369564],
] as const;

const near = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) < 1e-12, `${found}, ${expected}`);

test("p-values and Wilson's intervals are SciPy's", () => {
  for (const [k, n, p, pValue, low, high] of scipy) {
    near(binomialTest(k, n, p), pValue);
    const interval = wilsonInterval(k, n);
    near(interval.share, k / n);
    near(interval.low, low);
    near(interval.high, high);
  }
  assert.equal(binomialTest(0, 0), 1);
});

test('an interval of 95 % contains the truth about 95 times in 100', () => {
  const random = new Random(3);
  let inside = 0;
  const rounds = 4000;
  for (let round = 0; round < rounds; round++) {
    const truth = 0.05 + 0.9 * random.uniform();
    let successes = 0;
    for (let i = 0; i < 80; i++) if (random.uniform() < truth) successes++;
    const { low, high } = wilsonInterval(successes, 80);
    if (low <= truth && truth <= high) inside++;
  }
  assert.ok(Math.abs(inside / rounds - 0.95) < 0.02, `${inside} of ${rounds}`);
});

test('what is no share is refused, nor one of no trials', () => {
  assert.throws(() => wilsonInterval(0, 0), RangeError);
  for (const [k, n] of [
    [-1, 3],
    [4, 3],
    [1.5, 3],
    [Number.NaN, 3],
  ] as const) {
    assert.throws(() => wilsonInterval(k, n), RangeError);
    assert.throws(() => binomialTest(k, n), RangeError);
  }
  for (const chance of [0, 1, Number.NaN]) assert.throws(() => binomialTest(1, 2, chance), RangeError);
});
