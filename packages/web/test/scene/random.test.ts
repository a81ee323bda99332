/** The generator is xoshiro128**. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/scene/random.js';

test('from the state 1, 2, 3, 4 the sequence is that of the reference C code', () => {
  const random = Random.fromState([1, 2, 3, 4]);
  const reference = [
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ];
  assert.deepEqual(
    reference.map(() => random.uint32()),
    reference,
  );
});

test('a saved state continues the same sequence', () => {
  const random = new Random(5);
  random.uniform();
  const copy = Random.fromState(random.state);
  for (let i = 0; i < 20; i++) assert.equal(copy.uniform(), random.uniform());
});

test('every seed counts, and so does order, sign and size', () => {
  const seeds = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [-1, 2, 3], [1 + 2 ** 32, 2, 3], [1, 2], [1, 2, 3, 0]]; // biome-ignore format: a table
  const first = seeds.map(s => new Random(...s).state.join());
  assert.equal(new Set(first).size, seeds.length);
});

test('integer stays in its bounds and reaches each of them equally often', () => {
  const random = new Random(1);
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < 50000; i++) counts[random.integer(5)]!++;
  for (const count of counts) assert.ok(Math.abs(count - 10000) < 450, counts.join());
  assert.throws(() => random.integer(0), RangeError);
});
