/** Everybody in turn, the latest of each, and an error stops nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RenderQueue } from '../../src/server/render-queue.js';

/** A queue whose jobs end when told, and what was begun. */
function held() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const errors: unknown[] = [];
  const queue = new RenderQueue<string>(error => errors.push(error));
  const submit = (client: string, slot: string, name: string) =>
    queue.submit(client, slot, () => {
      begun.push(name);
      return new Promise(resolve => ends.push(resolve));
    });
  const end = async () => {
    ends.shift()!();
    await nextTurn();
  };
  return { begun, errors, queue, submit, end };
}

test('clients take turns; slots go by name; a later job takes the place of one that waits', async () => {
  const { begun, queue, submit, end } = held();
  submit('a', '1', 'a1');
  for (let i = 0; i < 5; i++) submit('a', '1', `a1.${i}`);
  submit('a', '0', 'a0');
  submit('b', '1', 'b1');
  submit('b', '2', 'b2');
  submit('c', '1', 'c1');
  assert.equal(queue.length, 5);
  for (let i = 0; i < 6; i++) await end();
  assert.deepEqual(begun, ['a1', 'a0', 'b1', 'c1', 'a1.4', 'b2']);
  assert.equal(queue.dropped, 4);
  assert.equal(queue.length, 0);
});

test('what a client that left was waiting for is not done; an error is told, and the next job is done', async () => {
  const { begun, errors, queue, submit, end } = held();
  submit('a', '1', 'a1');
  submit('b', '1', 'b1');
  queue.submit('c', '1', async () => {
    throw new Error('broken');
  });
  submit('d', '1', 'd1');
  queue.remove('b');
  await end();
  await nextTurn();
  assert.deepEqual(begun, ['a1', 'd1']);
  assert.deepEqual(
    errors.map(error => (error as Error).message),
    ['broken'],
  );
});
