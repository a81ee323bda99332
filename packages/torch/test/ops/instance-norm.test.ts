/**
 * The fused instance norm against libtorch's own operators in float64, in every type and memory order.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesPerElement, grad, memoryStats, noGrad, ops, RandomGenerator, scope, tensor } from '../../src/index.js';
import { assertClose } from '../support/compare.js';
import { gradcheck } from '../support/gradcheck.js';
import { exact, exactLeaf, floatTypes, leaf, memoryOrders, normal } from '../support/samples.js';

/** Batch 2 and 3, odd sides, fewer and more channels than a vector register holds, a single row. */
const shapes = [
  [2, 3, 5, 7],
  [1, 24, 13, 17],
  [2, 40, 9, 8],
  [1, 1, 1, 19],
  [3, 17, 2, 4],
];

/** Rounding of the result (2⁻⁹ for bfloat16) with room for the sums before it. */
const tolerance = {
  float64: { absolute: 1e-11, relative: 1e-11 },
  float32: { absolute: 2e-5, relative: 1e-5 },
  bfloat16: { absolute: 2e-3, relative: 2 ** -8 },
};

const variants = [
  { name: 'norm alone', residual: false, slope: 1 },
  { name: 'norm and ReLU', residual: false, slope: 0 },
  { name: 'norm and leaky ReLU', residual: false, slope: 0.2 },
  { name: 'norm and sum', residual: true, slope: 1 },
];

/** Ours, and what a GPU computes instead; libtorch 1.13's batch norm has no bfloat16 in every memory order. */
const implementations = [
  { by: 'fused', norm: ops.instanceNormActivation, dtypes: floatTypes },
  { by: 'batch norm', norm: ops.instanceNormActivationByBatchNorm, dtypes: ['float32', 'float64'] as const },
];

for (const { name, residual, slope, by, norm, dtypes } of implementations.flatMap(how =>
  variants.map(what => ({ ...how, ...what })),
)) {
  test(`${name}, ${by}: values and gradients`, () => {
    const generator = new RandomGenerator(11);
    for (const dtype of dtypes)
      for (const order of memoryOrders)
        for (const shape of shapes)
          scope(() => {
            const what = `${dtype} ${order} [${shape}]`;
            // A mean far from zero: the variance must not be computed as a difference of squares.
            const shifted = ops.toDtype(ops.add(normal(generator, shape, 'float64', order), 3), dtype);
            const input = leaf(shifted);
            const other = residual ? leaf(normal(generator, shape, dtype, order)) : null;
            const output = norm(input, other, slope);
            assert.equal(output.dtype, dtype, what);

            const exactInput = exactLeaf(input);
            const exactOther = other && exactLeaf(other);
            const expected = ops.instanceNormActivationPlain(exactInput, exactOther, slope);
            assertClose(output, expected, tolerance[dtype], `${what} values`);

            const seed = normal(generator, shape, dtype, order);
            const leaves = other === null ? [input] : [input, other];
            const exactLeaves = exactOther === null ? [exactInput] : [exactInput, exactOther];
            const found = grad(output, leaves, { seeds: [seed] });
            const wanted = grad(expected, exactLeaves, { seeds: [exact(seed)] });
            found.forEach((gradient, i) => {
              assertClose(gradient!, wanted[i]!, tolerance[dtype], `${what} gradient ${i}`);
            });
          });
  });
}

test('the plain operators are the formula: (x − mean) / sqrt(variance + eps)', () => {
  scope(() => {
    const input = normal(new RandomGenerator(12), [2, 2, 3, 3]);
    const values = input.data() as Float64Array;
    const expected: number[] = [];
    for (let plane = 0; plane < 4; plane++) {
      const pixels = [...values.subarray(plane * 9, plane * 9 + 9)];
      const mean = pixels.reduce((sum, v) => sum + v, 0) / 9;
      const variance = pixels.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 9;
      for (const v of pixels) {
        const z = (v - mean) / Math.sqrt(variance + 1e-5);
        expected.push(z > 0 ? z : 0.2 * z);
      }
    }
    const rounding = { absolute: 1e-12 };
    assertClose(ops.instanceNormActivationPlain(input, null, 0.2), expected, rounding);
    assertClose(ops.instanceNormActivation(input, null, 0.2), expected, rounding);
  });
});

test('the memory order of the input is kept, forward and backward', () => {
  scope(() => {
    for (const order of memoryOrders) {
      const input = leaf(normal(new RandomGenerator(13), [2, 8, 6, 5], 'float32', order));
      const output = ops.instanceNormActivation(input, null, 0);
      assert.deepEqual(output.strides, input.strides);
      const [gradient] = grad(ops.sum(output), [input]);
      assert.deepEqual(gradient!.strides, input.strides);
    }
  });
});

test('mixed memory orders of input, residual and upstream gradient are understood', () => {
  scope(() => {
    const generator = new RandomGenerator(14);
    const input = leaf(normal(generator, [2, 6, 5, 7], 'float64', 'channels_last'));
    const other = leaf(normal(generator, [2, 6, 5, 7]));
    const seed = normal(generator, [2, 6, 5, 7]);
    const found = grad(ops.instanceNormActivation(input, other, 1), [input, other], { seeds: [seed] });
    const wanted = grad(ops.instanceNormActivationPlain(input, other, 1), [input, other], { seeds: [seed] });
    found.forEach((gradient, i) => {
      assertClose(gradient!, wanted[i]!, { absolute: 1e-11 });
    });
  });
});

test('gradients equal central differences', () => {
  scope(() => {
    for (const order of memoryOrders) {
      const generator = new RandomGenerator(15);
      const input = normal(generator, [2, 3, 3, 4], 'float64', order);
      const other = normal(generator, [2, 3, 3, 4], 'float64', order);
      for (const slope of [0, 0.2, 1]) gradcheck(([x]) => ops.instanceNormActivation(x!, null, slope), [input]);
      gradcheck(([x, r]) => ops.instanceNormActivation(x!, r!, 1), [input, other]);
    }
  });
});

test('a residual of another shape or dtype is refused', () => {
  scope(() => {
    const x = ops.zeros([1, 2, 4, 4]);
    const residual = (shape: readonly number[], dtype: 'float32' | 'bfloat16') => ops.zeros(shape, { dtype });
    assert.throws(
      () => ops.instanceNormActivation(x, residual([1, 2, 4, 5], 'float32'), 1),
      /the residual's shape differs/,
    );
    assert.throws(
      () => ops.instanceNormActivation(x, residual([1, 2, 4, 4], 'bfloat16'), 1),
      /the residual's dtype or/,
    );
  });
});

test('a constant plane becomes zeros, not NaN', () => {
  scope(() => {
    for (const dtype of floatTypes)
      assertClose(ops.instanceNormActivation(ops.full([1, 2, 4, 4], 7, { dtype }), null, 1), Array(32).fill(0), {});
  });
});

test('a plane that is one number but for rounding becomes zeros, and sends no gradient back; one step more is a spread', () => {
  scope(() => {
    const step = 2 ** -23;
    const even = tensor(
      Array.from({ length: 64 }, (_, i) => 1 + (i % 3) * step),
      [1, 1, 8, 8],
      { dtype: 'float32' },
    );
    even.requiresGrad = true;
    const norm = ops.instanceNormActivation(even, null, 1);
    assert.ok(norm.data().every(value => value === 0));
    const [gradient] = grad([norm.mul(norm).sum()], [even]);
    assert.ok(gradient!.data().every(value => value === 0));
    const spread = tensor(
      Array.from({ length: 64 }, (_, i) => 1 + (i % 3) * 64 * step),
      [1, 1, 8, 8],
      { dtype: 'float32' },
    );
    assert.ok(
      ops
        .instanceNormActivation(spread, null, 1)
        .data()
        .some(value => value !== 0),
    );
  });
});

test('an input that is taken over gives the same values, in its own memory where nobody else needs that', () => {
  const generator = new RandomGenerator(17);
  for (const dtype of floatTypes)
    for (const order of memoryOrders)
      for (const { residual, slope } of variants)
        scope(() => {
          const drawn = normal(generator, [2, 40, 9, 8], dtype, order);
          const other = residual ? normal(generator, drawn.shape, dtype, order) : null;
          const expected = noGrad(() => ops.instanceNormActivation(drawn, other, slope));
          const view = noGrad(() => ops.narrow(drawn, 0, 0, 2));
          const before = memoryStats().bytes;
          const copied = noGrad(() => ops.instanceNormActivationOwned(view, other, slope));
          assert.equal(memoryStats().bytes, before + drawn.numel * bytesPerElement[dtype]);
          assertClose(copied, expected, {}, `${dtype} ${order} slope ${slope}, with a view`);
          assert.throws(() => view.shape, /disposed/);

          const owned = leaf(drawn);
          owned.requiresGrad = false;
          const beside = memoryStats().bytes;
          const output = noGrad(() => ops.instanceNormActivationOwned(owned, other, slope));
          assert.equal(memoryStats().bytes, beside);
          assertClose(output, expected, {}, `${dtype} ${order} slope ${slope}`);
          assert.deepEqual(output.strides, expected.strides);
        });
});

test('an input that is taken over keeps its gradient', () => {
  scope(() => {
    const input = leaf(normal(new RandomGenerator(18), [2, 3, 4, 5]));
    const [wanted] = grad(ops.sum(ops.exp(ops.instanceNormActivation(input, null, 0.2))), [input]);
    const passed = ops.mul(input, 1);
    const [found] = grad(ops.sum(ops.exp(ops.instanceNormActivationOwned(passed, null, 0.2))), [input]);
    assertClose(found!, wanted!, {});
  });
});
