/**
 * Reflection padding against its definition, and its gradient against central differences.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, ops, RandomGenerator, scope } from '../../src/index.js';
import { assertClose, numbers } from '../support/compare.js';
import { gradcheck } from '../support/gradcheck.js';
import { exact, exactLeaf, floatTypes, leaf, memoryOrders, normal } from '../support/samples.js';

/** The position that a padded one shows: mirrored at the border pixels, which are not repeated. */
function mirrored(position: number, size: number): number {
  const from = Math.abs(position);
  return from < size ? from : 2 * (size - 1) - from;
}

/** Ours, and what a GPU computes instead. */
const implementations = [ops.reflectionPad, ops.reflectionPadBySlices];

/** By slices, every sum of two is rounded. */
const sliced = { absolute: 2 ** -5, relative: 2 ** -7 };

test('values are the mirrored pixels, exactly, in every type and memory order', () => {
  const generator = new RandomGenerator(21);
  const cases = [
    { shape: [2, 3, 5, 7], pad: 1 },
    { shape: [1, 24, 13, 4], pad: 3 },
    { shape: [2, 1, 2, 9], pad: 1 },
    { shape: [1, 5, 3, 3], pad: 0 },
  ];
  for (const dtype of floatTypes)
    for (const order of memoryOrders)
      for (const { shape, pad } of cases)
        scope(() => {
          const [n, c, h, w] = shape as [number, number, number, number];
          const input = normal(generator, shape, dtype, order);
          const values = numbers(input);
          const expected: number[] = [];
          for (let plane = 0; plane < n * c; plane++)
            for (let y = -pad; y < h + pad; y++)
              for (let x = -pad; x < w + pad; x++)
                expected.push(values[(plane * h + mirrored(y, h)) * w + mirrored(x, w)]!);
          for (const reflectionPad of implementations) {
            const padded = reflectionPad(input, pad);
            assert.deepEqual(padded.shape, [n, c, h + 2 * pad, w + 2 * pad]);
            assert.equal(padded.dtype, dtype);
            assertClose(padded, expected, {}, `${dtype} ${order} [${shape}] pad ${pad}`);
          }
        });
});

test('the gradient of a pixel is the sum over its images', () => {
  const generator = new RandomGenerator(22);
  // Sums of up to four gradients, rounded once in bfloat16.
  const tolerance = {
    float64: { absolute: 1e-13 },
    float32: { absolute: 1e-5 },
    bfloat16: { absolute: 1e-6, relative: 2 ** -8 },
  };
  for (const dtype of floatTypes)
    for (const order of memoryOrders)
      scope(() => {
        const input = leaf(normal(generator, [2, 9, 7, 6], dtype, order));
        const seed = normal(generator, [2, 9, 13, 12], dtype, order);
        const reference = exactLeaf(input);
        const [wanted] = grad(ops.reflectionPad2d(reference, 3), [reference], { seeds: [exact(seed)] });
        for (const reflectionPad of implementations) {
          const [found] = grad(reflectionPad(input, 3), [input], { seeds: [seed] });
          const roundsEach = dtype === 'bfloat16' && reflectionPad === ops.reflectionPadBySlices;
          assertClose(found!, wanted!, roundsEach ? sliced : tolerance[dtype], `${dtype} ${order}`);
        }
      });
});

test('gradients equal central differences, also where pads overlap', () => {
  scope(() => {
    for (const order of memoryOrders)
      gradcheck(([x]) => ops.reflectionPad(x!, 2), [normal(new RandomGenerator(23), [2, 2, 3, 4], 'float64', order)]);
  });
});

test('channels-last stays channels-last', () => {
  scope(() => {
    const padded = ops.reflectionPad(normal(new RandomGenerator(24), [1, 8, 4, 4], 'float32', 'channels_last'), 1);
    assert.deepEqual(padded.strides, [288, 1, 48, 8]);
  });
});

test('an image too small to mirror is refused with its size', () => {
  scope(() => {
    assert.throws(
      () => ops.reflectionPad(ops.zeros([1, 1, 3, 8]), 3),
      /padding 3 needs an image larger than that on both sides, found 8x3 \(width x height\)/,
    );
  });
});
