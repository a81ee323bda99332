/**
 * Pages kept for the next tensors: values stay what they were, and the process grows to what lives at one time.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { keepPages, noGrad, ops, releasePages, scope, type Tensor } from '../../src/index.js';

const linux = process.platform === 'linux';
const MiB = 2 ** 20;

/** What the process has in memory, in MiB. */
function resident(): number {
  const pages = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]);
  return (pages * 4096) / MiB;
}

const filled = (mebibytes: number, value: number): Tensor =>
  ops.full([(mebibytes * MiB) / 4], value, { dtype: 'float32' });

/** Numbers that repeat on every run. */
function* pseudoRandom(): Generator<number, never> {
  for (let state = 1; ; state = (state * 48271) % 2147483647) yield state;
}

test('tensors of changing sizes keep their values while pages pass from one to the other', { skip: !linux }, () => {
  assert.equal(keepPages(), true);
  const random = pseudoRandom();
  const below = (n: number) => random.next().value % n;
  const held: { tensor: Tensor; value: number; mebibytes: number }[] = [];
  noGrad(() => {
    for (let i = 0; i < 300; i++) {
      if (held.length === 6) {
        const [gone] = held.splice(below(held.length), 1);
        scope(() => {
          // Ends and middle: a page in the wrong place has another tensor's number.
          assert.equal(ops.min(gone!.tensor).item(), gone!.value);
          assert.equal(ops.max(gone!.tensor).item(), gone!.value);
        });
        gone!.tensor.dispose();
      }
      if (i === 200) releasePages();
      const mebibytes = 1 + below(40) + 0.5 * below(2);
      held.push({ tensor: filled(mebibytes, i), value: i, mebibytes });
    }
    for (const { tensor } of held) tensor.dispose();
  });
  releasePages();
});

test('a process grows to what lives at one time, whatever the sizes, and gives it back', { skip: !linux }, () => {
  keepPages();
  releasePages();
  const before = resident();
  noGrad(() => {
    // Each fits no hole that the one before left.
    for (const mebibytes of [100, 120, 90, 140, 60, 160, 130, 170])
      scope(() => {
        const small = filled(20, 1);
        const large = filled(mebibytes, 2);
        small.dispose();
        large.dispose();
        assert.ok(resident() < before + 190 + 32, `${resident() - before} MiB after ${mebibytes}`);
      });
  });
  assert.ok(resident() > before + 150, 'nothing was kept');
  releasePages();
  assert.ok(resident() < before + 32, `${resident() - before} MiB are left`);
});
