/**
 * Tensors: what goes in comes out, with its shape, type and memory order; refusals say why.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DType, fromData, ops, scope, type TypedArray, tensor } from '../../src/index.js';
import { assertClose } from '../support/compare.js';

test('every element type survives the way in and out', () => {
  scope(() => {
    const cases: [DType, TypedArray][] = [
      ['float32', Float32Array.of(1.5, -0, Number.NaN, Number.POSITIVE_INFINITY)],
      ['float64', Float64Array.of(Math.PI, -1e300, 5e-324, 0)],
      ['float16', Uint16Array.of(0x3c00, 0xc000, 0, 0x7c00)],
      ['bfloat16', Uint16Array.of(0x3f80, 0xc000, 0, 0x7f80)],
      ['int64', BigInt64Array.of(2n ** 62n, -1n, 0n, 7n)],
      ['int32', Int32Array.of(2 ** 31 - 1, -(2 ** 31), 0, 7)],
      ['int16', Int16Array.of(32767, -32768, 0, 7)],
      ['int8', Int8Array.of(127, -128, 0, 7)],
      ['uint8', Uint8Array.of(255, 0, 1, 7)],
      ['bool', Uint8Array.of(1, 0, 1, 1)],
    ];
    for (const [dtype, values] of cases) {
      const made = tensor(values, [2, 2], dtype);
      assert.equal(made.dtype, dtype);
      assert.deepEqual(made.shape, [2, 2]);
      assert.deepEqual(made.data(), values);
      assert.deepEqual(fromData(made.toData()).data(), values);
    }
  });
});

test('data() is row-major and a copy, whatever the order in memory', () => {
  scope(() => {
    const values = Float32Array.from({ length: 24 }, (_, i) => i);
    const image = tensor(values, [1, 2, 3, 4]);
    const last = ops.contiguous(image, 'channels_last');
    assert.deepEqual(last.strides, [24, 1, 8, 2]);
    assert.deepEqual(last.data(), values);
    assert.deepEqual(ops.transpose(tensor([1, 2, 3, 4, 5, 6], [2, 3]), 0, 1).data(), Float32Array.of(1, 4, 2, 5, 3, 6));
    image.data()[0] = 99;
    assert.equal(image.data()[0], 0);
  });
});

test('a typed array is copied: later changes of it do not show', () => {
  scope(() => {
    const source = Float32Array.of(1, 2);
    const made = tensor(source);
    source[0] = 5;
    assert.deepEqual(made.data(), Float32Array.of(1, 2));
  });
});

test('part of a larger buffer is read from its own offset', () => {
  scope(() => {
    const part = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
    assert.deepEqual(tensor(part).data(), Float32Array.of(1, 2));
  });
});

test('item() reads one element of any numeric type and refuses more', () => {
  scope(() => {
    assert.equal(tensor([2.5]).item(), 2.5);
    assert.equal(tensor([7], [], 'int64').item(), 7);
    assert.equal(ops.toDtype(tensor([-1.25]), 'bfloat16').item(), -1.25);
    assert.throws(() => tensor([1, 2]).item(), /item: the tensor has shape \[2\], not one element/);
  });
});

test('bfloat16 rounds to nearest, ties to even', () => {
  scope(() => {
    // 8 significant bits: around 1 the spacing is 1/128.
    const rounded = ops.toDtype(tensor([1 + 1 / 256, 1 + 3 / 256, 1 + 1 / 200], [3], 'float64'), 'bfloat16');
    assertClose(rounded, [1, 1 + 1 / 64, 1 + 1 / 128], {});
  });
});

test('whole numbers keep integer tensors integer; fractions promote as in PyTorch', () => {
  scope(() => {
    const ids = tensor([1, 2], [2], 'int64');
    assert.equal(ops.add(ids, 1).dtype, 'int64');
    assert.equal(ops.mul(ids, 0.5).dtype, 'float32');
    assert.equal(ops.mul(tensor([1], [1], 'float64'), 0.5).dtype, 'float64');
    assert.equal(ops.mul(ops.toDtype(tensor([1]), 'bfloat16'), 0.1).dtype, 'bfloat16');
  });
});

test('wrong sizes and types are refused', () => {
  assert.throws(() => tensor([1, 2, 3], [2, 2]), /12 bytes of data for shape \[2, 2\] of float32, which needs 16/);
  assert.throws(() => tensor([], [-1, 0]), /axis 0 of the shape is negative/);
  assert.throws(() => tensor(Float32Array.of(1), [1], 'float64'), /a Float32Array cannot hold float64/);
  assert.throws(() => tensor([1], [1], 'bfloat16'), /bfloat16 cannot be made from numbers/);
});

test('a disposed tensor says so', () => {
  const gone = tensor([1]);
  gone.dispose();
  gone.dispose();
  assert.equal(gone.disposed, true);
  assert.equal(String(gone), 'Tensor(disposed)');
  assert.throws(() => gone.data(), /the tensor was disposed; keep\(\) or return it from its scope/);
  assert.throws(() => ops.add(gone, 1), /argument 'self': the tensor was disposed/);
});
