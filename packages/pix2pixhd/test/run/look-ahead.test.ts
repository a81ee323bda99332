/**
 * Items with what comes after them, and the inputs that are made of it ahead of time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { memoryStats, ops, scope } from '@pix2pixhd/torch';
import type { Batch } from '../../src/data/load/batch.js';
import { lookAhead, type WithNext } from '../../src/run/look-ahead.js';
import type { DeviceBatch } from '../../src/training/device-batch.js';
import { UploadAhead } from '../../src/training/upload-ahead.js';

/** 0, 1, 2, … with a pause before some of them; counts how many were asked for, and whether it was ended. */
function source(count: number, slow: readonly number[] = [], failing = -1) {
  const state = { asked: 0, ended: false };
  async function* items(): AsyncGenerator<number> {
    try {
      for (let i = 0; i < count; i++) {
        state.asked++;
        if (slow.includes(i)) await later(20);
        if (i === failing) throw new Error(`item ${i} is broken`);
        yield i;
      }
    } finally {
      state.ended = true;
    }
  }
  return { items: items(), state };
}

async function all(items: AsyncIterable<WithNext<number>>): Promise<[number, number | undefined][]> {
  const found: [number, number | undefined][] = [];
  for await (const { item, next } of items) found.push([item, next]);
  return found;
}

test('each item comes with the next one where that is there, and does not wait for it', async () => {
  assert.deepEqual(await all(lookAhead(source(4, [2]).items, true)), [
    [0, 1],
    [1, undefined],
    [2, 3],
    [3, undefined],
  ]);
  assert.deepEqual(await all(lookAhead(source(0).items, true)), []);
});

test('without looking ahead nothing is asked for early', async () => {
  const { items, state } = source(3);
  for await (const { item, next } of lookAhead(items, false)) {
    assert.equal(next, undefined);
    assert.equal(state.asked, item + 1);
  }
});

test('a failure comes after everything before it; leaving early ends the source', async () => {
  const found: number[] = [];
  await assert.rejects(async () => {
    for await (const { item } of lookAhead(source(4, [], 2).items, true)) found.push(item);
  }, /item 2 is broken/);
  assert.deepEqual(found, [0, 1]);

  const { items, state } = source(4, [], 1);
  for await (const { item } of lookAhead(items, true)) if (item === 0) break;
  assert.ok(state.ended);
});

test('inputs made ahead are given out once, for the batches they were made of, and freed otherwise', () => {
  const input = (): DeviceBatch => ({ condition: ops.ones([1, 2, 4, 4]), real: ops.ones([1, 3, 4, 4]) });
  const [one, other]: Batch[][] = [[], []];
  const before = memoryStats();
  const ahead = new UploadAhead();
  const batch = {} as Batch;
  one!.push(batch, batch);
  scope(() => ahead.hold(one!, input));
  assert.equal(memoryStats().tensors, before.tensors + 4);
  scope(() => {
    assert.equal(ahead.take(one!)?.length, 2);
    assert.equal(ahead.take(one!), undefined);
  });
  assert.deepEqual(memoryStats(), before, 'what was taken belongs to the scope around');

  scope(() => ahead.hold(one!, input));
  scope(() => assert.equal(ahead.take(other!), undefined));
  assert.deepEqual(memoryStats(), before);

  scope(() =>
    ahead.hold(one!, () => {
      input();
      throw new RangeError('label 99');
    }),
  );
  assert.equal(ahead.take(one!), undefined, 'the step itself will say what is wrong');
  ahead.dispose();
  assert.deepEqual(memoryStats(), before);
});
