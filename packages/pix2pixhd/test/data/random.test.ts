/** Draws depend only on what they are drawn for. The generator is tested with @pix2pixhd/web. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleRandom, shuffledOrder } from '../../src/data/random.js';

test('the draws of a sample are the same however often and in whatever order they are asked for', () => {
  const once = sampleRandom(7, 3, 11).uniform();
  sampleRandom(7, 3, 12).uniform();
  assert.equal(sampleRandom(7, 3, 11).uniform(), once);
  const others = [sampleRandom(8, 3, 11), sampleRandom(7, 4, 11), sampleRandom(7, 3, 10)];
  for (const other of others) assert.notEqual(other.uniform(), once);
});

test('first draws of neighbouring samples are uniform and uncorrelated', () => {
  const n = 20000;
  const draws = Array.from({ length: n }, (_, i) => sampleRandom(0, 0, i).uniform());
  const mean = draws.reduce((a, b) => a + b) / n;
  // Standard error of the mean is 0.0020, of the lag-1 covariance 0.0006: five of each.
  assert.ok(Math.abs(mean - 0.5) < 0.0102, `mean ${mean}`);
  let covariance = 0;
  for (let i = 1; i < n; i++) covariance += ((draws[i]! - 0.5) * (draws[i - 1]! - 0.5)) / (n - 1);
  assert.ok(Math.abs(covariance) < 0.003, `covariance ${covariance}`);
  const low = draws.filter(d => d < 0.1).length / n;
  assert.ok(Math.abs(low - 0.1) < 0.0107, `share below 0.1: ${low}`);
});

test('an order is a permutation, differs by epoch and seed, and repeats', () => {
  const order = shuffledOrder(100, 1, 0);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.deepEqual(shuffledOrder(100, 1, 0), order);
  assert.notDeepEqual(shuffledOrder(100, 1, 1), order);
  assert.notDeepEqual(shuffledOrder(100, 2, 0), order);
});

test('all six orders of three samples are equally likely over epochs', () => {
  const seen = new Map<string, number>();
  for (let epoch = 0; epoch < 6000; epoch++) {
    const key = shuffledOrder(3, 9, epoch).join();
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  assert.equal(seen.size, 6);
  for (const count of seen.values()) assert.ok(Math.abs(count - 1000) < 150, [...seen].join(' '));
});
