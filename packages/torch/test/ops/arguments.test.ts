/**
 * Arguments on which a kernel would divide by zero or read outside of a tensor: each is refused with the operator's name.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DType, grad, noGrad, ops, scope, type Tensor, tensor } from '../../src/index.js';
import { assertClose } from '../support/compare.js';

const huge = 2 ** 40;
const zeros = (shape: readonly number[], dtype: DType = 'float64'): Tensor => ops.zeros(shape, { dtype });

/** Each convolution with sizes that fit, and what else is given. */
const convolutions: Record<
  string,
  (x: Tensor, w: Tensor, bias: Tensor | null, stride: number, padding: number) => Tensor
> = {
  conv2d: ops.convolution,
  sparse_input_conv2d: ops.sparseInputConvolution,
  conv_transpose2d: (x, w, bias, stride, padding) => ops.convTranspose(x, w, bias, stride, padding, 0),
  'aten::conv2d': (x, w, bias, stride, padding) => ops.conv2d(x, w, bias, stride, padding),
  'aten::conv_transpose2d': (x, w, bias, stride, padding) => ops.convTranspose2d(x, w, bias, stride, padding),
};

for (const [name, convolve] of Object.entries(convolutions)) {
  test(`${name}: strides, paddings, biases, kinds and empty weights`, () => {
    scope(() => {
      const x = zeros([1, 16, 5, 5]);
      const w = zeros([16, 16, 3, 3]);
      const refused = (...[a, b, bias, stride, padding]: Parameters<typeof convolve>) =>
        assert.throws(() => convolve(a, b, bias, stride, padding), `${a} ${b} ${bias} ${stride} ${padding}`);
      assert.equal(convolve(x, w, zeros([16]), 1, 1).shape.length, 4);
      for (const stride of [0, -1, huge]) refused(x, w, null, stride, 1);
      for (const padding of [-1, huge]) refused(x, w, null, 1, padding);
      for (const bias of [zeros([15]), zeros([17]), zeros([1]), zeros([16, 1])]) refused(x, w, bias, 1, 1);
      // libtorch 2.x takes a bias of integers.
      if (!name.startsWith('aten::')) refused(x, w, zeros([16], 'int64'), 1, 1);
      refused(x, zeros([16, 16, 3, 3], 'float32'), null, 1, 1);
      refused(x, ops.empty([16, 16, 3, 3], { dtype: 'float64', device: 'meta' }), null, 1, 1);
      refused(x, zeros([16, 16, 0, 3]), null, 1, 1);
      refused(zeros([16, 5]), w, null, 1, 1);
      refused(x, zeros([16]), null, 1, 1);
    });
  });
}

test('the bias of a sparse convolution may be a view with gaps', () => {
  scope(() => {
    const bias = ops.slice(tensor(Float64Array.from({ length: 16 }, (_, i) => i)), 0, 0, 16, 2);
    const y = ops.sparseInputConvolution(zeros([1, 3, 4, 4]), zeros([8, 3, 3, 3]), bias, 4, 1);
    assertClose(ops.reshape(y, [8]), [0, 2, 4, 6, 8, 10, 12, 14], {});
  });
});

test('other kernels: what they divide by, index with and write to', () => {
  scope(() => {
    const x = zeros([1, 2, 4, 4]);
    const labels = zeros([1, 1, 4, 4], 'int32');
    const step = (values: { param?: Tensor; gradient?: Tensor; bf16Copy?: Tensor; step?: number }) => {
      const { param = zeros([4]), gradient = zeros([4]), bf16Copy = null, step = 1 } = values;
      ops.adamStep(
        param,
        zeros([4], param.dtype),
        zeros([4], param.dtype),
        gradient,
        bf16Copy,
        1,
        0.5,
        0.9,
        1e-8,
        step,
      );
    };
    const same = zeros([4]);
    const cases: [() => unknown, RegExp][] = [
      [() => ops.convTranspose(x, zeros([2, 2, 3, 3]), null, 1, 5, 0), /leaves nothing of the result/],
      [() => ops.convToImage(x, zeros([0, 2, 3, 3]), null), /the weight is empty/],
      [() => ops.convToImage(x, zeros([1, 2, 3, 3]), zeros([2])), /expected a bias of 1 numbers/],
      [() => ops.oneHot(labels, null, -1, 'float32', 'contiguous'), /expected a number of classes from 1/],
      [() => ops.oneHot(labels, null, 2 ** 53 - 1, 'float32', 'contiguous'), /expected a number of classes/],
      [
        () =>
          ops.oneHot(labels, ops.empty([1, 1, 4, 4], { dtype: 'uint8', device: 'meta' }), 3, 'float32', 'contiguous'),
        /[Mm]eta|labels' shape and device/,
      ],
      [() => ops.reflectionPad(x, -1), /padding -1 needs an image larger/],
      [() => ops.reflectionPad(x, huge), /needs an image larger/],
      [() => ops.instanceNormActivation(zeros([4, 4]), null, 1), /expected \(N, C, H, W\)/],
      [() => ops.instanceNormActivationPlain(zeros([4, 4]), null, 1), /expected \(N, C, H, W\)/],
      [
        () => ops.instanceNormActivation(x, ops.empty([1, 2, 4, 4], { dtype: 'float64', device: 'meta' }), 1),
        /dtype or device/,
      ],
      [() => step({ step: 0 }), /expected a step from 1/],
      [() => step({ param: zeros([4], 'int32') }), /must be of a floating dtype/],
      [() => step({ param: ops.expand(zeros([1]), [4]) }), /more than one element of the written-to tensor/],
      [() => step({ param: same, gradient: same }), /unsupported operation/],
      [() => step({ gradient: ops.empty([4], { dtype: 'float64', device: 'meta' }) }), /must be on one device/],
      [() => ops.reflectionPad2d(x, []), /expected four widths/],
      [() => ops.conv2d(x, zeros([2, 2, 3, 3]), null, 1, 1, 0), /expected 'dilation' from 1/],
      [() => ops.conv2d(x, zeros([2, 2, 3, 3]), null, 1, 1, 1, 0), /cannot be divided into 0 groups/],
      [() => ops.conv2d(x, zeros([2, 2, 3, 3]), null, 1, 1, 1, huge), /cannot be divided into/],
    ];
    for (const [body, message] of cases) assert.throws(body, message);
  });
});

test("the gradients of libtorch's convolution are refused where their sizes do not fit each other", () => {
  scope(() => {
    const [x, w, dy] = [zeros([1, 2, 5, 5]), zeros([3, 2, 3, 3]), zeros([1, 3, 3, 3])];
    const backward = (gradient: Tensor, stride = 1, groups = 1) =>
      ops.convolutionBackward(gradient, x, w, null, [stride], [0], [1], false, [0], groups, [true, true, false]);
    assert.deepEqual(backward(dy)[0].shape, [1, 2, 5, 5]);
    assert.throws(() => backward(zeros([1, 3, 9, 9])), /expected a gradient \[1, 3, 3, 3\], found \[1, 3, 9, 9\]/);
    assert.throws(() => backward(dy, 0), /expected 'stride' from 1 on, found 0/);
    assert.throws(() => backward(dy, 1, 0), /cannot be divided into 0 groups/);
  });
});

test('an input that a graph has saved, or that another handle holds, is not overwritten by the norm that takes it over', () => {
  scope(() => {
    const values = [1, 5, 2, 8];
    const weight = tensor([3]);
    weight.requiresGrad = true;
    const saved = tensor(values, [1, 1, 2, 2]);
    const product = ops.sum(ops.mul(saved, weight));
    noGrad(() => ops.instanceNormActivationOwned(saved, null, 1));
    assertClose(grad(product, [weight])[0]!, [16], {}, 'the gradient of the sum of 3 x is the sum of x');

    const first = tensor(values, [1, 1, 2, 2]);
    const second = noGrad(() => ops.contiguous(first));
    noGrad(() => ops.instanceNormActivationOwned(first, null, 1));
    assertClose(ops.reshape(second, [4]), values, {}, 'another handle of the same tensor');
  });
});

test('weights that Adam changes between a forward and a backward pass make that pass an error, as in PyTorch', () => {
  scope(() => {
    const w = tensor([1, 2, 3, 4]);
    w.requiresGrad = true;
    const loss = ops.sum(ops.mul(w, w));
    ops.adamStep(w, ops.zeros([4]), ops.zeros([4]), ops.ones([4]), null, 0.1, 0.9, 0.999, 1e-8, 1);
    assert.throws(() => grad(loss, [w]), /modified by an inplace operation/);
  });
});
