/** Whoever had least, the latest of each, and an error stops nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RenderQueue } from '../../src/session/render-queue.js';

/** A queue whose jobs end when told, after the time that is said to have passed, and what was begun. */
function held() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const errors: unknown[] = [];
  let time = 0;
  const queue = new RenderQueue<{ name: string }>(
    error => errors.push(error),
    () => time,
  );
  const clients = new Map<string, { name: string }>();
  const client = (name: string) => {
    if (!clients.has(name)) clients.set(name, { name });
    return clients.get(name)!;
  };
  const submit = (of: string, slot: string, name: string) =>
    queue.submit(client(of), slot, () => {
      begun.push(name);
      return new Promise(resolve => ends.push(resolve));
    });
  const end = async (took = 1) => {
    time += took;
    ends.shift()!();
    await nextTurn();
  };
  return { begun, errors, queue, client, submit, end };
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
  assert.deepEqual(begun, ['a1', 'b1', 'c1', 'a0', 'b2', 'a1.4']);
  assert.equal(queue.dropped, 4);
  assert.equal(queue.length, 0);
});

test('who asks for much waits for those who ask for little, and who comes later does not go before all others', async () => {
  const { begun, submit, end } = held();
  submit('large', '1', 'large1');
  submit('large', '2', 'large2');
  for (let i = 0; i < 3; i++) submit('small', `${i}`, `small${i}`);
  await end(100);
  await end(1);
  submit('late', '1', 'late1');
  submit('late', '2', 'late2');
  for (let i = 0; i < 5; i++) await end(1);
  assert.deepEqual(begun, ['large1', 'small0', 'small1', 'late1', 'small2', 'late2', 'large2']);
});

test('who comes back from a rest takes turns with those who worked', async () => {
  const { begun, submit, end } = held();
  submit('rested', '1', 'early');
  await end(1);
  for (let i = 0; i < 100; i++) {
    submit('busy', '1', 'work');
    await end(1);
  }
  begun.length = 0;
  submit('busy', '1', 'busy1');
  submit('rested', '1', 'rested1');
  submit('rested', '2', 'rested2');
  submit('rested', '3', 'rested3');
  submit('busy', '2', 'busy2');
  for (let i = 0; i < 5; i++) await end(1);
  assert.deepEqual(begun, ['busy1', 'rested1', 'busy2', 'rested2', 'rested3']);
});

test('what a client that left was waiting for is not done; an error is told, and the next job is done', async () => {
  const { begun, errors, queue, client, submit, end } = held();
  submit('a', '1', 'a1');
  submit('b', '1', 'b1');
  queue.submit(client('c'), '1', async () => {
    throw new Error('broken');
  });
  submit('d', '1', 'd1');
  queue.remove(client('b'));
  await end();
  await nextTurn();
  assert.deepEqual(begun, ['a1', 'd1']);
  assert.deepEqual(
    errors.map(error => (error as Error).message),
    ['broken'],
  );
});
