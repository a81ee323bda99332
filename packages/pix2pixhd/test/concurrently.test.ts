/** Items are worked on a few at a time, results come in order, and a failure waits for what was started. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapConcurrently } from '../src/concurrently.js';

const after = (turns: number) => new Promise<void>(resolve => setTimeout(resolve, turns));

test('results are in the order of the items, and no more than the given number run at once', async () => {
  let running = 0;
  let most = 0;
  const results = await mapConcurrently(
    [9, 1, 5, 0, 7, 3],
    async item => {
      most = Math.max(most, ++running);
      await after(item);
      running--;
      return 2 * item;
    },
    3,
  );
  assert.deepEqual(results, [18, 2, 10, 0, 14, 6]);
  assert.equal(most, 3);
  assert.deepEqual(await mapConcurrently([], () => Promise.reject(new Error('never')), 4), []);
});

test('after a failure nothing more is started, and what was started ends before the error is thrown', async () => {
  const started: number[] = [];
  const ended: number[] = [];
  const work = async (item: number) => {
    started.push(item);
    await after(item === 1 ? 0 : 20);
    if (item === 1) throw new Error('item 1');
    ended.push(item);
  };
  await assert.rejects(mapConcurrently([0, 1, 2, 3, 4, 5], work, 3), /^Error: item 1$/);
  assert.deepEqual(
    [started, ended.sort()],
    [
      [0, 1, 2],
      [0, 2],
    ],
  );
});
