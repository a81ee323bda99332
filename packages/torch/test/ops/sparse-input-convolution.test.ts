/**
 * The convolution of mostly zeros against the dense one of libtorch in float64, and where it leaves the work to that.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DType, grad, ops, profile, RandomGenerator, scope, type Tensor, tensor } from '../../src/index.js';
import { assertAsExact } from '../support/against-exact.js';
import { assertClose, numbers } from '../support/compare.js';
import { gradcheck } from '../support/gradcheck.js';
import { exact, floatTypes, leaf, memoryOrders, normal } from '../support/samples.js';

/** Runs of labels with a boundary channel, some pixels without any class, on the left and right of the image too. */
function labels(
  images: number,
  classes: number,
  height: number,
  width: number,
  dtype: DType,
  order: ops.MemoryFormat,
): Tensor {
  const ids = new Int32Array(images * height * width);
  const edges = new Uint8Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const object = Math.floor(x / 5) + 3 * Math.floor(y / 4);
    ids[i] = object % 6 === 0 ? 255 : object % classes;
    edges[i] = x % 5 === 0 || y % 4 === 0 ? 1 : 0;
  }
  const shape = [images, 1, height, width];
  return ops.oneHot(
    tensor(ids, shape, { dtype: 'int32' }),
    tensor(edges, shape, { dtype: 'uint8' }),
    classes,
    dtype,
    order,
  );
}

/** How many of libtorch's convolutions ran. */
const denseConvolutions = (work: () => unknown) =>
  profile(() => scope(() => void work())).calls.filter(({ name }) => name === 'aten::convolution').length;

const geometries = [
  { kernel: [7, 7], stride: 1, padding: 0, outputs: 16 },
  { kernel: [7, 7], stride: 1, padding: 3, outputs: 112 },
  { kernel: [4, 3], stride: 2, padding: 2, outputs: 48 },
  { kernel: [3, 5], stride: 3, padding: 1, outputs: 32 },
  { kernel: [7, 7], stride: 1, padding: 3, outputs: 24 },
  { kernel: [3, 3], stride: 2, padding: 1, outputs: 37 },
] as const;

// Sums of some hundred numbers around 1; bfloat16 rounds the result.
const tolerance = {
  float64: { absolute: 1e-11, relative: 1e-12 },
  float32: { absolute: 1e-4, relative: 1e-5 },
  bfloat16: { absolute: 1e-3, relative: 2 ** -8 },
};

for (const dtype of floatTypes)
  for (const order of memoryOrders)
    test(`${dtype}, ${order}: values and gradients`, () => {
      const generator = new RandomGenerator(61);
      for (const { kernel, stride, padding, outputs } of geometries)
        scope(() => {
          const what = `${dtype} ${order} ${kernel} stride ${stride} to ${outputs}`;
          const x = labels(2, 35, 15, 23, dtype, order);
          const w = leaf(normal(generator, [outputs, 36, ...kernel], dtype, order));
          const b = leaf(normal(generator, [outputs], dtype));
          assert.equal(
            denseConvolutions(() => ops.sparseInputConvolution(x, w, b, stride, padding)),
            0,
            what,
          );
          const [found] = assertAsExact(
            what,
            { leaves: [w, b], dtype, order, generator },
            (w, b) => ops.sparseInputConvolution(x, w, b, stride, padding),
            (w, b) => ops.conv2d(exact(x), w, b, stride, padding),
            tolerance[dtype],
          );
          assert.deepEqual(found!.strides, w.strides, `${what}: the gradient's memory order`);
          const { strides } = ops.sparseInputConvolution(x, w, b, stride, padding);
          assert.equal(strides[1] === 1, order === 'channels_last', `${what}: memory order`);
        });
    });

test('gradients equal central differences', () => {
  scope(() => {
    for (const order of memoryOrders) {
      const generator = new RandomGenerator(62);
      const x = labels(1, 25, 6, 7, 'float64', order);
      const inputs = [normal(generator, [8, 26, 3, 3], 'float64', order), normal(generator, [8])];
      gradcheck(([w, b]) => ops.sparseInputConvolution(x, w!, b!, 1, 1), inputs);
    }
  });
});

test('numbers other than one, alone in their pixel, count with their value', () => {
  scope(() => {
    const pixels = new Float64Array(30 * 5 * 5);
    pixels[7 * 25 + 2 * 5 + 2] = -2.5;
    const x = tensor(pixels, [1, 30, 5, 5]);
    const w = normal(new RandomGenerator(63), [8, 30, 3, 3]);
    const weights = numbers(w);
    const expected = Array.from({ length: 8 * 25 }, (_, at) => {
      const [o, i] = [Math.floor(at / 25), at % 25];
      const [p, q] = [2 - Math.floor(i / 5) + 1, 2 - (i % 5) + 1];
      const inside = p >= 0 && p < 3 && q >= 0 && q < 3;
      return inside ? -2.5 * weights[((o * 30 + 7) * 3 + p) * 3 + q]! : 0;
    });
    assertClose(ops.sparseInputConvolution(x, w, null, 1, 1), expected, { absolute: 1e-14 });
  });
});

test('an image, a few outputs that fill no vector and an input that wants a gradient are convolved densely', () => {
  scope(() => {
    const generator = new RandomGenerator(64);
    const sparse = labels(1, 35, 9, 9, 'float32', 'contiguous');
    const [w, few] = [normal(generator, [16, 36, 3, 3], 'float32'), normal(generator, [15, 36, 3, 3], 'float32')];
    const image = normal(generator, [1, 36, 9, 9], 'float32');
    for (const [x, weight] of [
      [image, w],
      [sparse, few],
      [leaf(sparse), w],
    ] as const) {
      assert.equal(
        denseConvolutions(() => ops.sparseInputConvolution(x, weight, null, 1, 1)),
        1,
      );
      assertClose(ops.sparseInputConvolution(x, weight, null, 1, 1), ops.conv2d(x, weight, null, 1, 1), {
        absolute: 1e-6,
      });
    }
    const x = leaf(sparse);
    const [dx] = grad(ops.sum(ops.sparseInputConvolution(x, w, null, 1, 1)), [x]);
    const again = leaf(sparse);
    const [wanted] = grad(ops.sum(ops.conv2d(again, w, null, 1, 1)), [again]);
    assertClose(dx!, wanted!, { absolute: 1e-4 });
  });
});

test('padding as wide as the kernel leaves some outputs without a pixel', () => {
  scope(() => {
    const x = labels(1, 35, 6, 6, 'float32', 'contiguous');
    const w = normal(new RandomGenerator(65), [16, 36, 2, 3], 'float32');
    assertClose(ops.sparseInputConvolution(x, w, null, 1, 3), ops.conv2d(x, w, null, 1, 3), { absolute: 1e-5 });
  });
});

test('shapes that do not fit are named', () => {
  scope(() => {
    assert.throws(
      () => ops.sparseInputConvolution(ops.zeros([1, 3, 5, 5]), ops.zeros([16, 2, 3, 3]), null, 1, 1),
      /the input has 3 channels, the weight expects 2/,
    );
  });
});
