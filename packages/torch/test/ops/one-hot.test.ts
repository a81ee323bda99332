/**
 * One-hot classes against their definition.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ops, scope, type Tensor, tensor } from '../../src/index.js';
import { numbers } from '../support/compare.js';
import { floatTypes, memoryOrders } from '../support/samples.js';

const [images, height, width, classes] = [2, 5, 7, 4];
const shape = [images, 1, height, width];
/** Every class, and ids below and above them. */
const label = Int32Array.from({ length: images * height * width }, (_, i) => (i % 9 === 0 ? 255 : (i % 6) - 1));
const boundary = Uint8Array.from(label, (_, i) => Number(i % 3 === 0));

function byDefinition(withBoundary: boolean): number[] {
  const pixels = height * width;
  const values: number[] = [];
  for (let n = 0; n < images; n++) {
    const image = [...label.subarray(n * pixels, (n + 1) * pixels)];
    for (let c = 0; c < classes; c++) values.push(...image.map(id => Number(id === c)));
    if (withBoundary) values.push(...boundary.subarray(n * pixels, (n + 1) * pixels));
  }
  return values;
}

test('a one at the pixel’s class, none for other ids, the boundary last; in every type and memory order', () => {
  for (const dtype of floatTypes)
    for (const order of memoryOrders)
      for (const withBoundary of [true, false])
        scope(() => {
          const edges = withBoundary ? tensor(boundary, shape, { dtype: 'uint8' }) : null;
          const encoded = ops.oneHot(tensor(label, shape, { dtype: 'int32' }), edges, classes, dtype, order);
          const channels = classes + Number(withBoundary);
          assert.deepEqual(encoded.shape, [images, channels, height, width]);
          assert.equal(encoded.dtype, dtype);
          assert.equal(encoded.strides[1], order === 'contiguous' ? height * width : 1);
          assert.deepEqual(numbers(encoded), byDefinition(withBoundary));
        });
});

test('what does not fit is refused', () => {
  scope(() => {
    const ids = tensor(label, shape, { dtype: 'int32' });
    const oneHot = (of: typeof ids, edges: typeof ids | null) =>
      ops.oneHot(of, edges, classes, 'float32', 'contiguous');
    assert.throws(() => oneHot(ops.toDtype(ids, 'int64') as Tensor as typeof ids, null), /of int32, found .* of Long/);
    assert.throws(() => oneHot(ids, ids), /a boundary map of uint8/);
    assert.throws(
      () => oneHot(ids, ops.zeros([1, 1, height, width], { dtype: 'uint8' }) as never),
      /the labels' shape/,
    );
  });
});
