/** Early stopping by numbers: which figures count as better, in either direction, and what is kept of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lowerIsBetter, Patience } from '../../src/run/patience.js';

function waits(better: 'higher' | 'lower', minDelta: number, figures: readonly number[]): number[] {
  const patience = new Patience(better, minDelta);
  return figures.map((figure, i) => {
    patience.observe(i + 1, figure);
    return patience.state!.waited;
  });
}

test('higher or lower figures are better; equal ones are not', () => {
  assert.deepEqual(waits('higher', 0, [1, 2, 2, 1, 3]), [0, 0, 1, 2, 0]);
  assert.deepEqual(waits('lower', 0, [1, 2, 1, 0.5]), [0, 1, 2, 0]);
});

test('small gains count once they add up to more than the least', () => {
  assert.deepEqual(waits('higher', 1, [0, 1, 1.5, 2.5]), [0, 1, 0, 1]);
});

test('an infinite PSNR is a figure that JSON can hold, and not better than itself', () => {
  assert.deepEqual(waits('higher', 0, [1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]), [0, 0, 1]);
  assert.equal(lowerIsBetter('higher', Number.POSITIVE_INFINITY), -Number.MAX_VALUE);
});

test('it goes on where a checkpoint left it', () => {
  const patience = new Patience('lower', 0, { value: 0.5, step: 10, waited: 2 });
  patience.observe(20, 0.6);
  assert.deepEqual(patience.state, { value: 0.5, step: 10, waited: 3 });
});
