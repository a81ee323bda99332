/**
 * The mean absolute difference against its formula.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, ops, RandomGenerator, scope, tensor } from '../../src/index.js';
import { assertClose, numbers } from '../support/compare.js';
import { gradcheck } from '../support/gradcheck.js';
import { floatTypes, leaf, memoryOrders, normal } from '../support/samples.js';

test('value and gradient in every type, memory order and size', () => {
  const generator = new RandomGenerator(41);
  // The last is larger than several of the kernel's blocks, and no multiple of them.
  const shapes = [[1, 1, 1, 1], [2, 3, 5, 7], [2, 24, 33, 17], [11], [2, 5]];
  for (const dtype of floatTypes)
    for (const order of memoryOrders)
      for (const shape of shapes) {
        if (shape.length !== 4 && order === 'channels_last') continue;
        scope(() => {
          const what = `${dtype} ${order} [${shape}]`;
          const input = leaf(normal(generator, shape, dtype, order));
          // The other memory order: pixels must be matched by position, not by place in memory.
          const target = normal(generator, shape, dtype, 'contiguous');
          const [a, b] = [numbers(input), numbers(target)];
          const n = a.length;
          const loss = ops.l1Mean(input, target);
          assert.equal(loss.dtype, dtype === 'float64' ? 'float64' : 'float32', what);
          assert.deepEqual(loss.shape, []);
          const expected = a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / n;
          assertClose(loss, [expected], { relative: dtype === 'float64' ? 1e-13 : 1e-6 }, what);

          const [gradient] = grad(ops.mul(loss, 3), [input]);
          assert.equal(gradient!.dtype, dtype, what);
          const rounding = { float64: 1e-14, float32: 1e-6, bfloat16: 2 ** -8 }[dtype];
          const signs = a.map((value, i) => (3 * Math.sign(value - b[i]!)) / n);
          assertClose(gradient!, signs, { relative: rounding }, `${what} gradient`);
        });
      }
});

test('where the difference is zero the gradient is zero', () => {
  scope(() => {
    const input = leaf(tensor([1, 2, 5]));
    const [gradient] = grad(ops.l1Mean(input, tensor([1, 4, 3])), [input]);
    assertClose(gradient!, [0, -1 / 3, 1 / 3], { relative: 1e-6 });
  });
});

test('bfloat16 is summed without rounding the sum', () => {
  scope(() => {
    // 100 000 differences of 1: a sum in bfloat16 stops growing at 256.
    const ones = ops.ones([100_000], { dtype: 'bfloat16' });
    assert.equal(ops.l1Mean(ones, ops.zeros([100_000], { dtype: 'bfloat16' })).item(), 1);
  });
});

test('the gradient equals central differences', () => {
  scope(() => {
    const generator = new RandomGenerator(42);
    const target = normal(generator, [2, 3, 4, 3]);
    for (const order of memoryOrders)
      gradcheck(([x]) => ops.l1Mean(x!, target), [normal(generator, [2, 3, 4, 3], 'float64', order)]);
  });
});

test('the target is a constant of the same shape and type', () => {
  scope(() => {
    const a = tensor([1, 2]);
    assert.throws(() => ops.l1Mean(a, tensor([1, 2, 3])), /expected two tensors of one shape and type/);
    assert.throws(
      () => ops.l1Mean(a, tensor([1, 2], [2], { dtype: 'float64' })),
      /expected two tensors of one shape and type/,
    );
    assert.throws(() => ops.l1Mean(a, leaf(a)), /the second tensor is a constant; detach it/);
  });
});
