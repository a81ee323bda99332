/** The demo's schedule fits its minutes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learningRate, totalEpochs } from 'pix2pixhd/internal';
import { planEpochs } from '../src/schedule.js';

test('an hour ends at a learning rate near zero, after a third of it at the full rate', () => {
  // 0.85 · 3600 s / 0.0425 s = 72000 steps = 30 epochs of 2400.
  const plan = planEpochs(0, 60, 0.0425, 2400);
  assert.deepEqual(plan, { niter: 10, niterDecay: 20, long: true });
  assert.equal(learningRate({ lr: 1, ...plan }, 11), 1);
  assert.ok(learningRate({ lr: 1, ...plan }, 30) < 0.06);
});

test('a continued run is planned from its current step', () => {
  const plan = planEpochs(2, 60, 0.0425, 2400);
  assert.equal(totalEpochs({ lr: 1, ...plan }), 32);
  assert.equal(learningRate({ lr: 1, ...plan }, 3), 1);
});

test('a few minutes keep the full rate, and the schedule does not end them', () => {
  const plan = planEpochs(1, 4, 0.05, 2400);
  assert.equal(plan.long, false);
  assert.equal(learningRate({ lr: 1, ...plan }, 4), 1);
  assert.ok(totalEpochs({ lr: 1, ...plan }) > 1 + (4 * 60) / 0.05 / 2400 + 1);
});
