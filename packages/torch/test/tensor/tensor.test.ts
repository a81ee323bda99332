/**
 * Tensors: what goes in comes out, with its shape, type and memory order; refusals say why.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DType, fromData, ops, scope, type Tensor, type TypedArray, tensor } from '../../src/index.js';
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
      const made = tensor(values, [2, 2], { dtype });
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
    const last = ops.contiguous(image, { memoryFormat: 'channels_last' });
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
    assert.equal(tensor([7], [], { dtype: 'int64' }).item(), 7);
    assert.equal(ops.toDtype(tensor([-1.25]), 'bfloat16').item(), -1.25);
    assert.throws(() => tensor([1, 2]).item(), /item: the tensor has shape \[2\], not one element/);
  });
});

test('bfloat16 rounds to nearest, ties to even', () => {
  scope(() => {
    // 8 significant bits: around 1 the spacing is 1/128.
    const rounded = ops.toDtype(tensor([1 + 1 / 256, 1 + 3 / 256, 1 + 1 / 200], [3], { dtype: 'float64' }), 'bfloat16');
    assertClose(rounded, [1, 1 + 1 / 64, 1 + 1 / 128], {});
  });
});

test('whole numbers keep integer tensors integer; fractions promote as in PyTorch', () => {
  scope(() => {
    const ids = tensor([1, 2], [2], { dtype: 'int64' });
    assert.equal(ops.add(ids, 1).dtype, 'int64');
    assert.equal(ops.mul(ids, 0.5).dtype, 'float32');
    assert.equal(ops.mul(tensor([1], [1], { dtype: 'float64' }), 0.5).dtype, 'float64');
    assert.equal(ops.mul(ops.toDtype(tensor([1]), 'bfloat16'), 0.1).dtype, 'bfloat16');
  });
});

test('wrong sizes and types are refused', () => {
  assert.throws(() => tensor([1, 2, 3], [2, 2]), /12 bytes of data for shape \[2, 2\] of float32, which needs 16/);
  assert.throws(() => tensor([], [-1, 0]), /axis 0 of the shape is negative/);
  assert.throws(() => tensor([1], [1], { dtype: 'complex64' as DType }), /unknown dtype 'complex64'/);
  assert.throws(() => tensor(Uint16Array.of(1)), /a Uint16Array needs a dtype/);
  assert.throws(() => tensor(new Uint32Array(1) as unknown as Int32Array), /found Uint32Array/);
});

test('a typed array of another type is converted, number by number', () => {
  scope(() => {
    const values = [-3, 0, 7, 100];
    const sources: TypedArray[] = [
      Float32Array.from(values),
      Float64Array.from(values),
      BigInt64Array.from(values, BigInt),
      Int32Array.from(values),
      Int16Array.from(values),
      Int8Array.from(values),
    ];
    for (const source of sources)
      for (const dtype of ['float32', 'float64', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8'] as const) {
        const made = tensor(source, [2, 2], { dtype });
        assert.equal(made.dtype, dtype);
        assertClose(ops.reshape(made, [4]), values, {}, `${source.constructor.name} to ${dtype}`);
      }
    // Towards zero, as PyTorch; any number but 0 is true.
    assert.deepEqual(tensor(Float32Array.of(1.9, -1.9), [2], { dtype: 'int32' }).data(), Int32Array.of(1, -1));
    assert.deepEqual(tensor(Uint8Array.of(0, 1, 7, 255), [4], { dtype: 'bool' }).data(), Uint8Array.of(0, 1, 1, 1));
    assert.deepEqual(tensor(Float32Array.of(0, 0.5), [2], { dtype: 'bool' }).data(), Uint8Array.of(0, 1));
    // Numbers, where the type is not that of bits.
    assertClose(tensor(Uint16Array.of(0, 65535), [2], { dtype: 'float32' }), [0, 65535], {});
    assertClose(tensor([0.5, -2], [2], { dtype: 'bfloat16' }), [0.5, -2], {});
  });
});

test('a bool of a file is 0 or 1, whatever its byte', () => {
  scope(() => {
    const made = fromData({ dtype: 'bool', shape: [3], bytes: Uint8Array.of(0, 2, 255) });
    assert.deepEqual(made.data(), Uint8Array.of(0, 1, 1));
  });
});

test('plain numbers: fractions are cut off on the way to integers, numbers beyond them are refused', () => {
  scope(() => {
    assert.deepEqual(tensor([1.9, -1.9], [2], { dtype: 'int64' }).data(), BigInt64Array.of(1n, -1n));
    assert.deepEqual(tensor([255.5, 0], [2], { dtype: 'uint8' }).data(), Uint8Array.of(255, 0));
    for (const [value, dtype] of [
      [256, 'uint8'],
      [-1, 'uint8'],
      [2 ** 31, 'int32'],
      [2 ** 63, 'int64'],
      [Number.NaN, 'int32'],
    ] as const)
      assert.throws(() => tensor([0, value], [2], { dtype }), {
        name: 'TorchError',
        code: 'INVALID_ARGUMENT',
        message: `tensor: element 1 is ${value}, which is beyond ${dtype}`,
      });
  });
});

test('where a number alone would tell the type it is float32: 1 and 1.0 are one number', () => {
  scope(() => {
    for (const value of [1, 1.5]) assert.equal(ops.full([2], value).dtype, 'float32');
    assert.deepEqual(ops.full([2], 1, { dtype: 'int64' }).data(), BigInt64Array.of(1n, 1n));
    assert.deepEqual(ops.arange(0, 3).data(), Float32Array.of(0, 1, 2));
    assert.deepEqual(ops.arange(0, 3, { dtype: 'int64' }).data(), BigInt64Array.of(0n, 1n, 2n));
    assert.equal(ops.randint(0, 9, [4]).dtype, 'int64');
    assert.equal(ops.randperm(3).dtype, 'int64');
    // By name the schema's own rules hold.
    assert.equal((ops.operator('aten::full')([[2], 1]) as Tensor).dtype, 'int64');
  });
});

test('a disposed tensor says so', () => {
  const gone = tensor([1]);
  gone.dispose();
  gone.dispose();
  assert.equal(gone.disposed, true);
  assert.equal(String(gone), 'Tensor(disposed)');
  assert.throws(
    () => gone.data(),
    /shape: the tensor \(float32 \[1\], made by tensor\(\)\) was disposed; keep\(\) or return it from its scope/,
  );
  assert.throws(() => ops.add(gone, 1), /argument 'self': the tensor .* was disposed/);
});
