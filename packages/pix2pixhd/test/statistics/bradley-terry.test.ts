/** Strengths from comparisons: against a published solution, against strengths that are known, and where there are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bradleyTerry } from '../../src/statistics/bradley-terry.js';

const near = (found: readonly number[], expected: readonly number[], within: number) =>
  assert.ok(
    found.every((value, i) => Math.abs(value - expected[i]!) < within),
    `${found} instead of ${expected}`,
  );

test("the baseball table of Agresti's Categorical Data Analysis: seven teams of the American League, 1987", () => {
  const wins = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
  ];
  const strengths = bradleyTerry(wins);
  // Published, with the last team at 0: 1.58 1.44 1.29 1.25 1.11 0.68. These digits: SciPy 1.10.1's BFGS on the same likelihood.
  const scipy = [1.58135588, 1.43640843, 1.29448512, 1.24761785, 1.10769771, 0.68385277, 0];
  const last = strengths.at(-1)!;
  near(
    strengths.map(strength => strength - last),
    scipy,
    1e-6,
  );
  near([strengths.reduce((sum, strength) => sum + strength, 0)], [0], 1e-9);
});

test('wins in exactly the proportions of some strengths give these strengths', () => {
  const strengths = [1.2, 0.3, -0.4, -1.1];
  const wins = strengths.map((own, i) =>
    strengths.map((other, j) => (i === j ? 0 : 500 / (1 + Math.exp(other - own)))),
  );
  near(bradleyTerry(wins), strengths, 1e-7);
});

test('of two items the difference is the log odds', () => {
  const [a, b] = bradleyTerry([
    [0, 30],
    [10, 0],
  ]) as [number, number];
  near([a - b], [Math.log(3)], 1e-9);
});

test('items that never lost, or were never compared, have no strength', () => {
  const unbounded = [
    [0, 3, 2],
    [0, 0, 1],
    [0, 2, 0],
  ];
  const apart = [
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, 0],
  ];
  for (const wins of [unbounded, apart]) assert.throws(() => bradleyTerry(wins), RangeError);
});
