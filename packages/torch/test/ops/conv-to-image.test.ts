/**
 * The convolution that ends in an image against libtorch's own, its gradients against central differences.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, ops, RandomGenerator, scope, type Tensor, tensor } from '../../src/index.js';
import { assertAsExact } from '../support/against-exact.js';
import { assertClose, numbers } from '../support/compare.js';
import { gradcheck } from '../support/gradcheck.js';
import { floatTypes, leaf, memoryOrders, normal } from '../support/samples.js';

/** The generator's layer, one and four outputs, an even and an oblong kernel, a result of one block; then what is left to libtorch. */
const geometries = [
  { input: [1, 24, 16, 20], weight: [3, 24, 7, 7], bias: true },
  { input: [2, 5, 8, 6], weight: [1, 5, 3, 3], bias: false },
  { input: [2, 16, 9, 7], weight: [4, 16, 4, 2], bias: true },
  { input: [1, 2, 8, 8], weight: [2, 2, 7, 7], bias: true },
  { input: [1, 4, 9, 10], weight: [3, 4, 3, 3], bias: true },
  { input: [1, 4, 8, 9], weight: [3, 4, 3, 3], bias: true },
  { input: [2, 4, 8, 8], weight: [5, 4, 3, 3], bias: true },
];

// Sums of up to 24 · 49 products of numbers around 1. In bfloat16 the weight's gradient, here around 20, is the sum of four
// parts that are rounded each: an error as large as another rounding of it, but not relative to what is left of the sum.
const tolerance = {
  float64: { absolute: 1e-11, relative: 1e-12 },
  float32: { absolute: 5e-4, relative: 1e-5 },
  bfloat16: { absolute: 0.15, relative: 2 ** -8 },
};

for (const dtype of floatTypes) {
  test(`${dtype}: values and gradients in both memory orders`, () => {
    const generator = new RandomGenerator(41);
    for (const order of memoryOrders)
      for (const g of geometries)
        scope(() => {
          const x = leaf(normal(generator, g.input, dtype, order));
          const w = leaf(normal(generator, g.weight, dtype, order));
          const bias = g.bias ? [leaf(normal(generator, [g.weight[0]!], dtype))] : [];
          assertAsExact(
            `${dtype} ${order} [${g.input}] * [${g.weight}]`,
            { leaves: [x, w, ...bias], dtype, order, generator },
            (x, w, b?: Tensor) => ops.convToImage(x, w, b ?? null),
            (x, w, b?: Tensor) => ops.conv2d(x, w, b),
            tolerance[dtype],
          );
        });
  });
}

test('a window of ones adds up its pixels', () => {
  scope(() => {
    const image = tensor(
      Array.from({ length: 16 }, (_, i) => i),
      [1, 1, 4, 4],
    );
    const output = ops.convToImage(image, ops.ones([1, 1, 3, 3]), tensor([0.5]));
    assertClose(output, [45.5, 54.5, 81.5, 90.5], {});
  });
});

test('gradients equal central differences', () => {
  scope(() => {
    for (const order of memoryOrders) {
      const generator = new RandomGenerator(42);
      const inputs = [
        normal(generator, [2, 2, 4, 6], 'float64', order),
        normal(generator, [3, 2, 3, 3], 'float64', order),
        normal(generator, [3]),
      ];
      gradcheck(([x, w, b]) => ops.convToImage(x!, w!, b!), inputs);
    }
  });
});

test('only what is asked for gets a gradient', () => {
  scope(() => {
    const generator = new RandomGenerator(43);
    const x = normal(generator, [1, 2, 6, 6]);
    const w = leaf(normal(generator, [3, 2, 3, 3]));
    const [dw] = grad(ops.sum(ops.convToImage(x, w, null)), [w]);
    const reference = leaf(w);
    const [wanted] = grad(ops.sum(ops.conv2d(x, reference)), [reference]);
    assertClose(dw!, wanted!, { absolute: 1e-12 });
  });
});

test('the result keeps the memory order, and equals the plain convolution’s to the last bit of bfloat16', () => {
  scope(() => {
    const generator = new RandomGenerator(44);
    const x = normal(generator, [1, 32, 22, 38], 'bfloat16', 'channels_last');
    const w = normal(generator, [3, 32, 7, 7], 'bfloat16', 'channels_last');
    const output = ops.convToImage(x, w, null);
    assert.deepEqual(output.strides, [3 * 16 * 32, 1, 3 * 32, 3]);
    assert.deepEqual(numbers(output), numbers(ops.conv2d(x, w)));
  });
});

test('shapes that do not fit are named', () => {
  scope(() => {
    const w = ops.zeros([3, 2, 7, 7]);
    assert.throws(
      () => ops.convToImage(ops.zeros([1, 3, 8, 8]), w, null),
      /the input has 3 channels, the weight expects 2/,
    );
    assert.throws(() => ops.convToImage(ops.zeros([2, 8, 8]), w, null), /expected \(N, C, H, W\)/);
    assert.throws(() => ops.convToImage(ops.zeros([1, 2, 6, 8]), w, null), /the kernel of 7x7 is larger .* 6x8/);
  });
});
