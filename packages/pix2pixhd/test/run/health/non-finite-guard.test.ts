import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NonFiniteGuard } from '../../../src/run/health/non-finite-guard.js';

/** Decisions for a row of steps, `.` finite and `x` not. */
const decide = (guard: NonFiniteGuard, steps: string, checkpoint: number | null) =>
  [...steps].map(step => guard.record(step === '.', checkpoint));

test('single steps are left out; three in a row mean that the weights are bad', () => {
  const guard = new NonFiniteGuard();
  assert.deepEqual(decide(guard, '.x.xx.', 100), ['ok', 'skipped', 'ok', 'skipped', 'skipped', 'ok']);
  assert.deepEqual(decide(guard, 'xxx', 100), ['skipped', 'skipped', 'roll-back']);
  assert.equal(guard.skipped, 6);
  assert.equal(guard.rollBacks, 1);
});

test('a checkpoint is gone back to three times, then the run stops', () => {
  const guard = new NonFiniteGuard();
  const thirds = Array.from({ length: 4 }, () => decide(guard, '..xxx', 100).at(-1));
  assert.deepEqual(thirds, ['roll-back', 'roll-back', 'roll-back', 'stop']);
});

test('a later checkpoint shows that going back helped: it has its own three times', () => {
  const guard = new NonFiniteGuard();
  for (let i = 0; i < 3; i++) decide(guard, 'xxx', 100);
  assert.deepEqual(decide(guard, 'xxx', 200), ['skipped', 'skipped', 'roll-back']);
  assert.equal(guard.rollBacks, 1);
});

test('without a checkpoint there is nothing to go back to', () => {
  assert.deepEqual(decide(new NonFiniteGuard(), 'xxx', null), ['skipped', 'skipped', 'stop']);
});
