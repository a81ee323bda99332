/**
 * More memory than there is: an error that says how much was wanted, for what, and how much is free; never a process that the
 * system ends.
 */
import assert from 'node:assert/strict';
import { freemem } from 'node:os';
import { test } from 'node:test';
import { keepPages, ops, scope, tensor } from '../../src/index.js';

const linux = process.platform === 'linux';
const TiB = 2 ** 40;

const refusal = {
  code: 'OUT_OF_MEMORY',
  message: /^not enough memory for a tensor of [\d.]+ [MGTPE]iB: [\d.]+ ([KMG]iB|bytes) are free \(aten::\w+ of .*\)/,
};

/** What no machine of today holds, as tensors come to be: by shape, from others, as a copy. */
const excesses: [string, () => unknown][] = [
  ['a tebibyte', () => ops.empty([TiB], { dtype: 'uint8' })],
  ['zeros', () => ops.zeros([2 ** 20, 2 ** 20], { dtype: 'uint8' })],
  ['the sum of two views without memory', () => ops.add(ops.expand(tensor([1]), [TiB]), 1)],
  ['a padded image', () => ops.constantPadNd(ops.zeros([1, 1]), [0, TiB])],
];

for (const pool of [false, true])
  test(`a tensor of a tebibyte is an error ${pool ? 'with' : 'without'} the pool of pages`, { skip: !linux }, () => {
    if (pool) keepPages();
    for (const [what, body] of excesses) assert.throws(() => scope(body), refusal, what);
    // The elements of a view without memory would need it, once they are copied.
    assert.throws(() => scope(() => ops.expand(tensor([1]), [TiB]).data()), { code: 'OUT_OF_MEMORY' });
    assert.throws(() => scope(() => ops.empty([2 ** 31, 2 ** 31], { dtype: 'uint8' })), /not enough memory/);
    // And the next tensor that fits is made.
    scope(() => assert.equal(ops.sum(ops.ones([1000])).item(), 1000));
  });

test('memory that was promised and never written to counts: no more tensors than the machine can hold', {
  skip: !linux,
}, () => {
  keepPages();
  const part = Math.floor(freemem() * 0.4);
  // Nothing is written, so the machine has as much free as before.
  assert.throws(
    () => scope(() => Array.from({ length: 20 }, () => ops.empty([part], { dtype: 'uint8' }))),
    refusal,
    'twenty times two fifths of what is free',
  );
});
