/**
 * The pool of earlier fakes: which image the discriminator sees, and who owns it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStats, ops, scope, type Tensor } from '@pix2pixhd/torch';
import { ImagePool } from '../../src/training/image-pool.js';

const image = (value: number): Tensor => ops.full([1, 1, 2, 2], value, { dtype: 'float32' });
const first = (tensor: Tensor): number => (tensor.data() as Float32Array)[0]!;

test('images pass until the pool is full, then half of them are swapped against old ones', () => {
  scope(() => {
    // Below one half an image passes; else the next draw chooses which old one is given for it.
    const draws = [0.1, 0.9, 0.6, 0.9, 0.6, 0.5, 0];
    const pool = new ImagePool(2, () => draws.shift()!);
    const seen = [1, 2, 3, 4, 5, 6].map(value => first(pool.query(image(value))));
    assert.deepEqual(seen, [1, 2, 3, 2, 4, 1]);
    assert.deepEqual(pool.state().map(first), [6, 5]);
    assert.deepEqual(draws, []);
    pool.dispose();
  });
});

test('size 0 gives back what it gets and draws nothing', () => {
  scope(() => {
    const pool = new ImagePool(0, () => assert.fail('drew'));
    const given = image(1);
    assert.equal(pool.query(given), given);
  });
});

test('an old image given out belongs to the scope of the step', () => {
  scope(() => {
    const pool = new ImagePool(2, () => 0.9);
    for (const value of [1, 2]) pool.query(image(value));
    const before = memoryStats();
    for (let i = 0; i < 10; i++) scope(() => first(pool.query(image(i))));
    assert.deepEqual(memoryStats(), before);
    pool.dispose();
  });
});

test('an image of another size passes, since it cannot stand in for an old one', () => {
  scope(() => {
    const pool = new ImagePool(1, () => 0.9);
    pool.query(image(1));
    const wide = ops.zeros([1, 1, 2, 4]);
    assert.equal(pool.query(wide), wide);
    pool.dispose();
  });
});

test('the state continues in another pool, as copies', () => {
  scope(() => {
    const pool = new ImagePool(2, () => 0.9);
    for (const value of [1, 2]) pool.query(image(value));
    const resumed = new ImagePool(2, () => 0.9);
    resumed.loadState(pool.state());
    pool.dispose();
    assert.deepEqual(resumed.state().map(first), [1, 2]);
    assert.equal(first(resumed.query(image(3))), 2);
    resumed.dispose();
  });
});
