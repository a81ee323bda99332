/**
 * Types: what the compiler knows of element types, and that it is what comes out. `expectTypeOf` is checked by tsc, not when the test
 * runs.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectTypeOf } from 'expect-type';
import {
  arange,
  type DType,
  type FloatDType,
  full,
  type nn,
  ones,
  ops,
  randint,
  randn,
  randperm,
  scope,
  type Tensor,
  type TensorFormat,
  tensor,
  zeros,
} from '../src/index.js';

/** Checks the type given against the compiler's (by the parameter) and against the real one. */
function is<D extends DType>(value: Tensor<D>, dtype: D): void {
  assert.equal(value.dtype, dtype);
}

test('a tensor of one type is a tensor, and not one of another type', () => {
  expectTypeOf<Tensor<'float32'>>().toExtend<Tensor>();
  expectTypeOf<Tensor<'float32'>>().toExtend<Tensor<FloatDType>>();
  expectTypeOf<Tensor>().not.toExtend<Tensor<'float32'>>();
  expectTypeOf<Tensor<'int64'>>().not.toExtend<Tensor<'int32'>>();
});

test('values: typed arrays keep their type, numbers are float32, a dtype given is that', () => {
  scope(() => {
    expectTypeOf(tensor([1, 2])).toEqualTypeOf<Tensor<'float32'>>();
    expectTypeOf(tensor([[1], [2]])).toEqualTypeOf<Tensor<'float32'>>();
    expectTypeOf(tensor(new Int32Array(1))).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(tensor([1], { dtype: 'int64' })).toEqualTypeOf<Tensor<'int64'>>();
    expectTypeOf(tensor(new Int32Array(2), [2, 1], { dtype: 'float64' })).toEqualTypeOf<Tensor<'float64'>>();
    expectTypeOf(tensor([1], { device: 'cpu' })).toEqualTypeOf<Tensor<'float32'>>();
    expectTypeOf(tensor([1], { dtype: 'int64' }).data()).toEqualTypeOf<BigInt64Array>();
    is(tensor(new Uint8Array(1)), 'uint8');
    is(tensor([1], [], { dtype: 'bool' }), 'bool');
  });
});

test('factories: the dtype of the options, else the default; no other can be claimed', () => {
  scope(() => {
    expectTypeOf(zeros([2])).toEqualTypeOf<Tensor<'float32'>>();
    expectTypeOf(zeros([2], { device: 'cpu' })).toEqualTypeOf<Tensor<'float32'>>();
    expectTypeOf(ones([2], { dtype: 'bool' })).toEqualTypeOf<Tensor<'bool'>>();
    expectTypeOf(randint(0, 9, [2])).toEqualTypeOf<Tensor<'int64'>>();
    const dtype = 'float64' as DType;
    expectTypeOf(zeros([2], { dtype })).toEqualTypeOf<Tensor>();
    // @ts-expect-error without a dtype it is float32, whatever it is assigned to
    const wrong: Tensor<'int64'> = zeros([2]);
    // @ts-expect-error options go by name
    assert.throws(() => zeros([2], 'float64', null, 'cpu').dtype === 'float64' || assert.fail());
    is(wrong as Tensor as Tensor<'float32'>, 'float32');
    is(zeros([2], { dtype: 'float16' }), 'float16');
    is(full([2], 1), 'float32');
    is(arange(0, 3), 'float32');
    is(arange(0, 3, { dtype: 'int32' }), 'int32');
    is(randn([2], { dtype: 'float64' }), 'float64');
    is(randperm(3), 'int64');
    is(randint(0, 9, [2]), 'int64');
    is(ops.zerosLike(tensor([1], { dtype: 'int16' })), 'int16');
    is(ops.onesLike(tensor([1]), { dtype: 'int8' }), 'int8');
  });
});

test('operators keep the type, as functions and as methods', () => {
  scope(() => {
    const f = tensor([1, 2], { dtype: 'float64' });
    const i = tensor([1, 2], { dtype: 'int64' });
    expectTypeOf(ops.relu(f)).toEqualTypeOf<Tensor<'float64'>>();
    expectTypeOf(f.relu().reshape([2, 1]).t()).toEqualTypeOf<Tensor<'float64'>>();
    expectTypeOf(i.clone().addInPlace(1)).toEqualTypeOf<Tensor<'int64'>>();
    expectTypeOf(f.split(1)).toEqualTypeOf<Tensor<'float64'>[]>();
    expectTypeOf(ops.cat([i, i])).toEqualTypeOf<Tensor<'int64'>>();
    is(f.exp(), 'float64');
    is(i.exp(), 'float32');
    is(ops.sqrt(i), 'float32');
    is(i.square(), 'int64');
    expectTypeOf(i.exp()).toEqualTypeOf<Tensor<'float32'>>();
  });
});

test('comparisons are bool, places int64', () => {
  scope(() => {
    const f = tensor([3, 1]);
    is(f.eq(1), 'bool');
    is(ops.lt(f, f), 'bool');
    is(f.isfinite().all(), 'bool');
    is(f.argmax(), 'int64');
    is(ops.argmin(f, 0), 'int64');
    const [values, indices] = f.max(0);
    is(values, 'float32');
    is(indices, 'int64');
    is(f.max(), 'float32');
    is(f.topk(1)[1], 'int64');
    expectTypeOf(f.eq(1)).toEqualTypeOf<Tensor<'bool'>>();
  });
});

test('sums of integers are int64; a dtype asked for is that', () => {
  scope(() => {
    is(tensor([1], { dtype: 'int32' }).sum(), 'int64');
    is(tensor([1], { dtype: 'bool' }).sum(0), 'int64');
    is(tensor([1], { dtype: 'float64' }).sum(), 'float64');
    is(tensor([1]).sum(null, false, { dtype: 'float64' }), 'float64');
    is(tensor([1]).mean([0]), 'float32');
    is(ops.cumsum(tensor([1], { dtype: 'int8' }), 0), 'int64');
    is(tensor([1]).softmax(0, { dtype: 'float64' }), 'float64');
    expectTypeOf(tensor([1], { dtype: 'uint8' }).sum()).toEqualTypeOf<Tensor<'int64'>>();
  });
});

test('two operands promote each other as in PyTorch, and whole numbers keep integers integer', () => {
  scope(() => {
    const of = <D extends DType>(dtype: D) => tensor([1], { dtype });
    is(of('int64').add(1), 'int64');
    is(of('int64').mul(0.5), 'float32');
    is(of('float64').mul(0.5), 'float64');
    is(of('bool').add(2), 'int64');
    is(of('int64').div(2), 'float32');
    is(of('int32').div(of('float64')), 'float64');
    is(ops.add(of('float32'), of('int64')), 'float32');
    is(of('bool').mul(of('uint8')), 'uint8');
    is(of('int64').pow(2), 'int64');
    is(of('int64').clamp(0, 0.5), 'float32');
    is(ops.where(of('bool'), of('int32'), of('float32')), 'float32');
    expectTypeOf(of('int64').mul(1 as number)).toEqualTypeOf<Tensor<'int64' | 'float32'>>();
    expectTypeOf(of('float32').add(1 as number)).toEqualTypeOf<Tensor<'float32'>>();
    // Which of the two depends on their axes.
    expectTypeOf(of('float32').add(of('float64'))).toEqualTypeOf<Tensor<'float32' | 'float64'>>();
    expectTypeOf(ops.mul(of('float32'), of('float32') as Tensor | number)).toExtend<Tensor<FloatDType>>();
  });
});

test('to: the dtype where one is given', () => {
  scope(() => {
    const x = tensor([1.5]);
    is(x.to('int32'), 'int32');
    is(x.to('cpu'), 'float32');
    is(x.to({ memoryFormat: 'preserve' }), 'float32');
    is(x.to({ dtype: 'bfloat16', device: 'cpu' }), 'bfloat16');
    is(ops.toDtype(x, 'float64'), 'float64');
    expectTypeOf(x.to('int32')).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(x.to('cpu')).toEqualTypeOf<Tensor<'float32'>>();
    expectTypeOf(x.to({ device: 'cpu' })).toEqualTypeOf<Tensor<'float32'>>();
    expectTypeOf<nn.Module['to']>().parameter(0).toEqualTypeOf<TensorFormat>();
  });
});
