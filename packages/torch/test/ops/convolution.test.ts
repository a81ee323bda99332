/**
 * The convolution against libtorch's operator in float64, and against its definition. In bfloat16 the larger geometries take each
 * of the kernel's own ways, in float64 all do.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, ops, profile, RandomGenerator, scope, type Tensor, tensor } from '../../src/index.js';
import { assertAsExact } from '../support/against-exact.js';
import { assertClose } from '../support/compare.js';
import { gradcheck } from '../support/gradcheck.js';
import { floatTypes, leaf, memoryOrders, normal } from '../support/samples.js';

interface Geometry {
  readonly input: readonly number[];
  readonly weight: readonly number[];
  readonly stride: number;
  readonly padding: number;
  readonly bias: boolean;
}

/** Few channels, odd sides and strides; then a residual block's, a strided one's and the discriminator's with many. */
const geometries: readonly Geometry[] = [
  { input: [2, 3, 7, 5], weight: [5, 3, 3, 3], stride: 1, padding: 1, bias: true },
  { input: [1, 4, 9, 8], weight: [6, 4, 4, 3], stride: 3, padding: 2, bias: false },
  { input: [2, 3, 4, 4], weight: [2, 3, 1, 1], stride: 1, padding: 1, bias: true },
  { input: [2, 128, 6, 9], weight: [144, 128, 3, 3], stride: 1, padding: 0, bias: true },
  { input: [1, 128, 9, 11], weight: [130, 128, 4, 4], stride: 2, padding: 2, bias: false },
  { input: [1, 512, 34, 34], weight: [256, 512, 3, 3], stride: 1, padding: 0, bias: true },
];

// Sums of up to 512 · 9 products of numbers around 1, gathered in float32 at least; bfloat16 rounds the result, and with a
// bias its sum.
const tolerance = {
  float64: { absolute: 1e-10, relative: 1e-12 },
  float32: { absolute: 1e-3, relative: 1e-5 },
  bfloat16: { absolute: 2e-2, relative: 2 ** -7 },
};

for (const dtype of floatTypes)
  for (const order of memoryOrders)
    test(`${dtype}, ${order}: values and gradients`, () => {
      const generator = new RandomGenerator(51);
      for (const g of geometries)
        scope(() => {
          const x = leaf(normal(generator, g.input, dtype, order));
          const w = leaf(normal(generator, g.weight, dtype, order));
          const bias = g.bias ? [leaf(normal(generator, [g.weight[0]!], dtype))] : [];
          const [, found] = assertAsExact(
            `${dtype} ${order} [${g.input}] * [${g.weight}]`,
            { leaves: [x, w, ...bias], dtype, order, generator },
            (x, w, b?: Tensor) => ops.convolution(x, w, b ?? null, g.stride, g.padding),
            (x, w, b?: Tensor) => ops.conv2d(x, w, b ?? null, g.stride, g.padding),
            tolerance[dtype],
          );
          // What Adam walks through beside the weight.
          if (g.weight[2]! > 1) assert.deepEqual(found!.strides, w.strides, 'the memory order of the gradient');
        });
    });

test('with many channels and few pixels bfloat16 multiplies matrices, and turns large weights', () => {
  scope(() => {
    const generator = new RandomGenerator(52);
    const { input, weight } = geometries.at(-1)!;
    const x = leaf(normal(generator, input, 'bfloat16', 'channels_last'));
    const w = leaf(normal(generator, weight, 'bfloat16', 'channels_last'));
    const { calls } = profile(() => grad(ops.sum(ops.convolution(x, w, null, 1, 0)), [x, w]));
    const products = calls.filter(({ name }) => name === 'aten::mm').length;
    const backward = calls.filter(({ name }) => name === 'aten::convolution_backward').length;
    assert.deepEqual({ products, backward }, { products: 2, backward: 0 });
  });
});

test('a kernel on one pixel: y[i] = x w[k] where i + padding − k is that pixel', () => {
  scope(() => {
    const image = tensor([0, 0, 0, 0, 2, 0, 0, 0, 0], [1, 1, 3, 3], { dtype: 'float64' });
    const kernel = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3], { dtype: 'float64' });
    const expected = [9, 8, 7, 6, 5, 4, 3, 2, 1].map(weight => 0.5 + 2 * weight);
    for (const order of memoryOrders) {
      const [x, w] = [ops.contiguous(image, { memoryFormat: order }), ops.contiguous(kernel, { memoryFormat: order })];
      assertClose(ops.convolution(x, w, tensor([0.5], [1], { dtype: 'float64' }), 1, 1), expected, {});
    }
  });
});

test('gradients equal central differences', () => {
  scope(() => {
    for (const order of memoryOrders)
      for (const [stride, padding] of [
        [1, 0],
        [1, 2],
        [2, 1],
      ] as const) {
        const generator = new RandomGenerator(53);
        const inputs = [
          normal(generator, [2, 2, 4, 5], 'float64', order),
          normal(generator, [3, 2, 3, 3], 'float64', order),
          normal(generator, [3]),
        ];
        gradcheck(([x, w, b]) => ops.convolution(x!, w!, b!, stride, padding), inputs);
      }
  });
});

test('only what is asked for gets a gradient', () => {
  scope(() => {
    const generator = new RandomGenerator(54);
    const x = leaf(normal(generator, [1, 2, 5, 5]));
    const w = normal(generator, [2, 2, 3, 3]);
    const [dx] = grad(ops.sum(ops.convolution(x, w, null, 2, 1)), [x]);
    const reference = leaf(x);
    const [wanted] = grad(ops.sum(ops.conv2d(reference, w, null, 2, 1)), [reference]);
    assertClose(dx!, wanted!, { absolute: 1e-12 });
  });
});

test('shapes that do not fit are named', () => {
  scope(() => {
    const w = ops.zeros([4, 2, 3, 3]);
    assert.throws(
      () => ops.convolution(ops.zeros([1, 3, 5, 5]), w, null, 1, 1),
      /the input has 3 channels, the weight expects 2/,
    );
    assert.throws(() => ops.convolution(ops.zeros([2, 5, 5]), w, null, 1, 1), /expected \(N, C, H, W\)/);
    assert.throws(
      () => ops.convolution(ops.zeros([1, 2, 2, 5]), w, null, 2, 0),
      /kernel of 3x3 is larger than the input of 2x5/,
    );
  });
});
