/**
 * The recorder says what ran, in what, and how much memory it took; and it is gone when the body ends.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  backward,
  countOperators,
  gflopOfCall,
  grad,
  keepPages,
  type OperatorCall,
  operatorTable,
  ops,
  profile,
  scope,
} from '../../src/index.js';

const names = (calls: readonly OperatorCall[]) => calls.map(call => call.name);
const named = (calls: readonly OperatorCall[], name: string) => calls.filter(call => call.name === name);

test('every operator is listed with its arguments and its caller', () => {
  scope(() => {
    const x = ops.ones([2, 3]);
    const { result, calls, milliseconds } = profile(() => ops.cat([ops.add(x, x, { alpha: 2 }), x], 1));
    assert.deepEqual(result.shape, [2, 6]);
    const [add] = named(calls, 'aten::add');
    const shape = { dtype: 'float32', shape: [2, 3] };
    assert.deepEqual([add?.parent, add?.gradient, add?.inputs], [null, false, [shape, shape, 2]]);
    const [cat] = named(calls, 'aten::cat');
    assert.deepEqual([cat?.parent, cat?.inputs], [null, [[shape, shape], 1]]);
    assert.ok(names(calls).indexOf('aten::add') < names(calls).indexOf('aten::cat'));
    const outermost = calls.filter(call => call.parent === null).reduce((sum, call) => sum + call.milliseconds, 0);
    assert.ok(outermost > 0 && outermost <= milliseconds, `${outermost} of ${milliseconds}`);
    for (const { parent, milliseconds: own } of calls)
      if (parent !== null) assert.ok(own <= calls[parent]!.milliseconds);
  });
});

test('nothing is recorded outside a profile, after a failing body or by the next profile', () => {
  scope(() => {
    const x = ops.ones([4]);
    assert.throws(() => profile(() => ops.add(x, ops.ones([3]))), /size of tensor/);
    ops.mul(x, x);
    const { calls } = profile(() => ops.neg(x));
    assert.deepEqual(names(calls), ['aten::neg']);
  });
});

test('a profile inside another, or of asynchronous work, is refused', () => {
  scope(() => {
    const x = ops.ones([4]);
    const { calls } = profile(() => {
      assert.throws(() => profile(() => ops.mul(x, x)), /do not nest/);
      return ops.neg(x);
    });
    assert.deepEqual(names(calls), ['aten::neg']);
    assert.throws(() => profile(async () => {}), { code: 'SCOPE_IS_ASYNC' });
    assert.deepEqual(names(profile(() => ops.neg(x)).calls), ['aten::neg']);
  });
});

// Small ones are malloc's, large ones the pool's.
for (const elements of [1000, 3_000_000])
  test(`the peak is the bytes that were held at one time, and no more: tensors of ${elements} elements`, () => {
    keepPages();
    scope(() => {
      const x = ops.ones([elements]);
      const bytes = 4 * elements;
      const chain = () =>
        scope(() => {
          const two = ops.add(x, x);
          const four = ops.add(two, two);
          two.dispose();
          return ops.add(four, x); // four and the result live; two is gone
        });
      const first = profile(chain);
      assert.equal(first.peakBytes, 2 * bytes);
      assert.equal(first.keptBytes, bytes);
      // What was there before is neither counted nor missed when it goes.
      const second = profile(() => {
        first.result.dispose();
        return chain();
      });
      assert.equal(second.peakBytes, 2 * bytes);
      const nothing = profile(() => scope(() => void chain()));
      assert.deepEqual([nothing.peakBytes, nothing.keptBytes], [2 * bytes, 0]);
    });
  });

/** Multiplications and additions of a convolution whose taps beside the image count too, as all counts have it. */
function countedFlop(from: number[], weight: number[], stride: number, padding: number): number {
  const [images, inputs, ...sides] = from as [number, number, number, number];
  const [outputs, , ...kernel] = weight as [number, number, number, number];
  let taps = 0;
  for (let y = -padding; y + kernel[0]! <= sides[0]! + padding; y += stride)
    for (let x = -padding; x + kernel[1]! <= sides[1]! + padding; x += stride) taps += kernel[0]! * kernel[1]!;
  return 2 * images * inputs * outputs * taps;
}

const flopOf = (calls: readonly OperatorCall[]) =>
  calls.filter(call => gflopOfCall(call) !== null).map(call => Math.round(gflopOfCall(call)! * 1e9));

test('the arithmetic of a convolution and of its gradients is counted from their arguments', () => {
  scope(() => {
    const x = ops.ones([2, 3, 9, 12]);
    const w = ops.ones([5, 3, 4, 3]);
    const forward = countedFlop([2, 3, 9, 12], [5, 3, 4, 3], 2, 1);
    x.requiresGrad = w.requiresGrad = true;
    const made = profile(() => ops.conv2d(x, w, null, 2, 1));
    assert.deepEqual(flopOf(made.calls), [forward]);
    assert.deepEqual(flopOf(profile(() => grad(ops.sum(made.result), [x], { retainGraph: true })).calls), [forward]);
    assert.deepEqual(flopOf(profile(() => backward(ops.sum(made.result))).calls), [2 * forward]);
  });
});

test('a transposed convolution is the arithmetic of the strided one that it mirrors', () => {
  scope(() => {
    const x = ops.ones([1, 4, 5, 6]);
    const w = ops.ones([4, 7, 3, 3]);
    const mirrored = countedFlop([1, 7, 10, 12], [4, 7, 3, 3], 2, 1);
    assert.deepEqual(flopOf(profile(() => ops.convTranspose2d(x, w, null, 2, 1, 1)).calls), [mirrored]);
    assert.deepEqual(flopOf(profile(() => ops.convTranspose(x, w, null, 2, 1, 1)).calls), [mirrored]);
  });
});

test('the table divides all time inside operators, and names our kernels both ways', () => {
  scope(() => {
    const x = ops.ones([1, 8, 16, 16]);
    const w = ops.ones([8, 8, 3, 3]);
    w.requiresGrad = true;
    const { calls } = profile(() => {
      const y = ops.instanceNormActivation(ops.conv2d(x, w, null, 1, 1), null, 0);
      return grad(ops.sum(ops.mul(y, y)), [w]);
    });
    const outermost = calls.filter(call => call.parent === null).reduce((sum, call) => sum + call.milliseconds, 0);
    for (const by of ['name', 'shapes'] as const) {
      const rows = operatorTable(calls, by);
      const sum = rows.reduce((total, row) => total + row.milliseconds, 0);
      assert.ok(Math.abs(sum - outermost) < 1e-6, `${sum} of ${outermost}`);
      assert.deepEqual(
        rows.map(row => row.milliseconds),
        rows.map(row => row.milliseconds).sort((a, b) => b - a),
      );
    }
    const found = new Map(operatorTable(calls).map(row => [row.name, row]));
    for (const name of ['pix2pixhd::instance_norm', 'pix2pixhd::InstanceNorm backward', 'aten::convolution'])
      assert.equal(found.get(name)?.calls, 1, name);
    const weightGradient = found.get('aten::convolution_backward (weight)')!;
    assert.equal(weightGradient.shapes, 'f32 1×8×16×16, f32 1×8×16×16');
    assert.equal(weightGradient.gflop, countedFlop([1, 8, 16, 16], [8, 8, 3, 3], 1, 1) / 1e9);
    // How the library does a convolution is its own affair.
    assert.ok(![...found.keys()].some(name => /mkldnn|slow_conv|thnn/.test(name)));
  });
});

test('operators that others call count, what a convolution calls does not', () => {
  const call = (name: string, parent: number | null, gradient = false): OperatorCall => ({
    name,
    parent,
    gradient,
    milliseconds: 1,
    inputs:
      name === 'aten::convolution'
        ? [
            { dtype: 'float32', shape: [1, 1, 4, 4] },
            { dtype: 'float32', shape: [1, 1, 3, 3] },
            null,
            [1],
            [0],
            [1],
            0,
            [0],
            1,
          ]
        : [],
  });
  const calls = [
    call('aten::conv2d', null),
    call('aten::convolution', 0),
    call('aten::_convolution', 1),
    call('aten::empty', 2),
    call('NegBackward0', null, true),
    call('aten::neg', 4),
  ];
  assert.equal(countOperators(calls), 3);
  assert.equal(gflopOfCall(calls[1]!), (2 * 4 * 9) / 1e9);
});
