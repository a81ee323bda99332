/**
 * The transposed convolution against libtorch's operator in float64, and against its definition.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, ops, RandomGenerator, scope, type Tensor, tensor } from '../../src/index.js';
import { assertAsExact } from '../support/against-exact.js';
import { assertClose } from '../support/compare.js';
import { gradcheck } from '../support/gradcheck.js';
import { floatTypes, leaf, memoryOrders, normal } from '../support/samples.js';

interface Geometry {
  readonly input: readonly number[];
  readonly weight: readonly number[];
  readonly stride: number;
  readonly padding: number;
  readonly outputPadding: number;
  readonly bias: boolean;
}

/** The generator's 3×3 doubling, the U-Net's 4×4, batch 2, odd sides, stride 1, without bias. */
const geometries: readonly Geometry[] = [
  { input: [1, 24, 13, 17], weight: [24, 12, 3, 3], stride: 2, padding: 1, outputPadding: 1, bias: true },
  { input: [2, 16, 5, 3], weight: [16, 8, 4, 4], stride: 2, padding: 1, outputPadding: 0, bias: false },
  { input: [2, 3, 7, 1], weight: [3, 5, 3, 3], stride: 2, padding: 1, outputPadding: 1, bias: true },
  { input: [2, 4, 6, 5], weight: [4, 6, 3, 3], stride: 1, padding: 1, outputPadding: 0, bias: true },
];

// Sums of up to 24 · 9 products of numbers around 1; bfloat16 rounds each result, and the bias is added after that.
const tolerance = {
  float64: { absolute: 1e-11, relative: 1e-12 },
  float32: { absolute: 2e-4, relative: 1e-5 },
  bfloat16: { absolute: 6e-2, relative: 2 ** -7 },
};

for (const dtype of floatTypes) {
  test(`${dtype}: values and gradients in both memory orders`, () => {
    const generator = new RandomGenerator(31);
    for (const order of memoryOrders)
      for (const g of geometries)
        scope(() => {
          const x = leaf(normal(generator, g.input, dtype, order));
          const w = leaf(normal(generator, g.weight, dtype, order));
          const bias = g.bias ? [leaf(normal(generator, [g.weight[1]!], dtype))] : [];
          assertAsExact(
            `${dtype} ${order} [${g.input}] * [${g.weight}]`,
            { leaves: [x, w, ...bias], dtype, order, generator },
            (x, w, b?: Tensor) => ops.convTranspose(x, w, b ?? null, g.stride, g.padding, g.outputPadding),
            (x, w, b?: Tensor) => ops.convTranspose2d(x, w, b ?? null, g.stride, g.padding, g.outputPadding),
            tolerance[dtype],
          );
        });
  });
}

test('one pixel spreads the kernel: y[s·i + k − p] += x[i] w[k]', () => {
  scope(() => {
    const image = tensor([0, 0, 0, 0, 2, 0, 0, 0, 0], [1, 1, 3, 3], { dtype: 'float64' });
    const kernel = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3], { dtype: 'float64' });
    const expected = new Array<number>(36).fill(0.5);
    for (let ky = 0; ky < 3; ky++)
      for (let kx = 0; kx < 3; kx++) expected[(2 + ky - 1) * 6 + (2 + kx - 1)]! += 2 * (ky * 3 + kx + 1);
    assertClose(ops.convTranspose(image, kernel, tensor([0.5], [1], { dtype: 'float64' }), 2, 1, 1), expected, {});
  });
});

test('gradients equal central differences', () => {
  scope(() => {
    for (const order of memoryOrders) {
      const generator = new RandomGenerator(32);
      const inputs = [
        normal(generator, [2, 2, 3, 2], 'float64', order),
        normal(generator, [2, 3, 3, 3], 'float64', order),
        normal(generator, [3]),
      ];
      gradcheck(([x, w, b]) => ops.convTranspose(x!, w!, b!, 2, 1, 1), inputs);
    }
  });
});

test('only what is asked for gets a gradient', () => {
  scope(() => {
    const generator = new RandomGenerator(33);
    const x = leaf(normal(generator, [1, 2, 3, 3]));
    const w = normal(generator, [2, 2, 3, 3]);
    const [dx] = grad(ops.sum(ops.convTranspose(x, w, null, 2, 1, 1)), [x]);
    const reference = leaf(x);
    const [wanted] = grad(ops.sum(ops.convTranspose2d(reference, w, null, 2, 1, 1)), [reference]);
    assertClose(dx!, wanted!, { absolute: 1e-12 });
  });
});

test('shapes that do not fit are named', () => {
  scope(() => {
    const w = ops.zeros([4, 2, 3, 3]);
    assert.throws(
      () => ops.convTranspose(ops.zeros([1, 3, 5, 5]), w, null, 2, 1, 1),
      /the input has 3 channels, the weight expects 4/,
    );
    assert.throws(() => ops.convTranspose(ops.zeros([4, 5, 5]), w, null, 2, 1, 1), /expected \(N, C, H, W\)/);
    assert.throws(
      () => ops.convTranspose(ops.zeros([1, 4, 5, 5]), w, null, 2, 1, 2),
      /output padding 2 must be smaller/,
    );
  });
});
