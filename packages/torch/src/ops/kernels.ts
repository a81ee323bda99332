/**
 * Typed wrappers of the addon's own kernels (native/kernels), each documented with its formula there.
 */
import type { DType } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import type { MemoryFormat } from '../tensor-options.js';
import { operator } from './operator.js';

const instanceNormOp = operator('pix2pixhd::instance_norm');
const instanceNormOwnedOp = operator('pix2pixhd::instance_norm_owned');
const instanceNormByBatchNormOp = operator('pix2pixhd::instance_norm_by_batch_norm');
const instanceNormPlainOp = operator('pix2pixhd::instance_norm_plain');
const reflectionPadOp = operator('pix2pixhd::reflection_pad2d');
const reflectionPadBySlicesOp = operator('pix2pixhd::reflection_pad2d_by_slices');
const convolutionOp = operator('pix2pixhd::conv2d');
const sparseInputConvolutionOp = operator('pix2pixhd::sparse_input_conv2d');
const convTransposeOp = operator('pix2pixhd::conv_transpose2d');
const convToImageOp = operator('pix2pixhd::conv_to_image');
const oneHotOp = operator('pix2pixhd::one_hot');
const l1MeanOp = operator('pix2pixhd::l1_mean');
const poolByInstanceOp = operator('pix2pixhd::pool_by_instance');
const poolByInstancePlainOp = operator('pix2pixhd::pool_by_instance_plain');
const adamOp = operator('pix2pixhd::adam_step');

/**
 * Instance norm without affine parameters, then a leaky ReLU of `slope` (1 none, 0 ReLU) or the sum with `residual`.
 * @param input (N, C, H, W), float32, float64 or bfloat16, more than one pixel.
 * @param residual same shape; only with slope 1.
 */
export function instanceNormActivation<D extends DType>(
  input: Tensor<D>,
  residual: Tensor | null,
  slope: number,
  eps = 1e-5,
): Tensor<D> {
  return instanceNormOp([input, residual, slope, eps]) as Tensor<D>;
}

/**
 * {@link instanceNormActivation} of an input that is not used again: it is disposed of, and the result takes its memory
 * unless a graph or a view needs that.
 */
export function instanceNormActivationOwned<D extends DType>(
  input: Tensor<D>,
  residual: Tensor | null,
  slope: number,
  eps = 1e-5,
): Tensor<D> {
  const output = instanceNormOwnedOp([input, residual, slope, eps]) as Tensor<D>;
  input.dispose();
  return output;
}

/** {@link instanceNormActivation} as it is computed off the CPU. */
export function instanceNormActivationByBatchNorm<D extends DType>(
  input: Tensor<D>,
  residual: Tensor | null,
  slope: number,
  eps = 1e-5,
): Tensor<D> {
  return instanceNormByBatchNormOp([input, residual, slope, eps]) as Tensor<D>;
}

/** {@link instanceNormActivation} in libtorch's own operators: the reference of the tests. */
export function instanceNormActivationPlain<D extends DType>(
  input: Tensor<D>,
  residual: Tensor | null,
  slope: number,
  eps = 1e-5,
): Tensor<D> {
  return instanceNormPlainOp([input, residual, slope, eps]) as Tensor<D>;
}

/** Reflection padding by `pad` pixels on all four sides; keeps the memory order, knows bfloat16. */
export function reflectionPad<D extends DType>(input: Tensor<D>, pad: number): Tensor<D> {
  return reflectionPadOp([input, pad]) as Tensor<D>;
}

/** {@link reflectionPad} as it is computed off the CPU. */
export function reflectionPadBySlices<D extends DType>(input: Tensor<D>, pad: number): Tensor<D> {
  return reflectionPadBySlicesOp([input, pad]) as Tensor<D>;
}

/**
 * PyTorch's convolution (groups 1, dilation 1), whose gradients are computed as products of matrices and as a forward
 * convolution where that is faster.
 * @param weight (out, in, kH, kW).
 */
export function convolution<D extends DType>(
  input: Tensor<D>,
  weight: Tensor,
  bias: Tensor | null,
  stride: number,
  padding: number,
): Tensor<D> {
  return convolutionOp([input, weight, bias, stride, padding]) as Tensor<D>;
}

/**
 * {@link convolution} of an input that may be mostly zeros, as one-hot labels are: then only the other numbers are multiplied.
 * For any other input, and one that wants a gradient, {@link convolution} itself.
 * @param weight (out, in, kH, kW).
 */
export function sparseInputConvolution<D extends DType>(
  input: Tensor<D>,
  weight: Tensor,
  bias: Tensor | null,
  stride: number,
  padding: number,
): Tensor<D> {
  return sparseInputConvolutionOp([input, weight, bias, stride, padding]) as Tensor<D>;
}

/**
 * PyTorch's transposed convolution (groups 1, dilation 1), computed as the input gradient of a strided convolution.
 * @param weight (in, out, kH, kW), PyTorch's order.
 */
export function convTranspose<D extends DType>(
  input: Tensor<D>,
  weight: Tensor,
  bias: Tensor | null,
  stride: number,
  padding: number,
  outputPadding: number,
): Tensor<D> {
  return convTransposeOp([input, weight, bias, stride, padding, outputPadding]) as Tensor<D>;
}

/**
 * PyTorch's convolution of stride 1 without padding, made for up to four output channels: pixels are computed in blocks of
 * 2 × 2. The same result and gradients for any number of channels and any size.
 * @param weight (out, in, kH, kW).
 */
export function convToImage<D extends DType>(input: Tensor<D>, weight: Tensor, bias: Tensor | null): Tensor<D> {
  return convToImageOp([input, weight, bias]) as Tensor<D>;
}

/**
 * One-hot classes, and the boundary map behind them as a channel of its own.
 * @param label (N, 1, H, W), int32; what is outside 0…classes − 1 sets no channel.
 * @param boundary the same shape, uint8, or null.
 * @returns (N, classes [+ 1], H, W) of `dtype` in the memory order given.
 */
export function oneHot<D extends DType>(
  label: Tensor,
  boundary: Tensor | null,
  classes: number,
  dtype: D,
  memoryFormat: MemoryFormat,
): Tensor<D> {
  return oneHotOp([label, boundary, classes, dtype, memoryFormat]) as Tensor<D>;
}

/**
 * Mean absolute difference, a scalar in float32 (float64 for float64), summed in double; gradient for `input` only.
 * @param target the same shape and type, a constant.
 */
export function l1Mean(input: Tensor, target: Tensor): Tensor {
  return l1MeanOp([input, target]) as Tensor;
}

/**
 * Instance-wise average pooling: every pixel's features become the mean over the pixels of its instance in its image.
 * Summed in double; the same bits whatever the number of threads and the other images of the batch.
 * @param features (N, C, H, W), float32, float64 or bfloat16; the result keeps its type and memory order.
 * @param instances (N, 1, H, W), ids of any integer type and any value.
 */
export function poolByInstance<D extends DType>(features: Tensor<D>, instances: Tensor): Tensor<D> {
  return poolByInstanceOp([features, instances]) as Tensor<D>;
}

/** {@link poolByInstance} in libtorch's own operators: the reference of the tests. */
export function poolByInstancePlain<D extends DType>(features: Tensor<D>, instances: Tensor): Tensor<D> {
  return poolByInstancePlainOp([features, instances]) as Tensor<D>;
}

/**
 * One Adam update in place, in one pass; PyTorch's arithmetic.
 * @param bf16Copy receives the new weights in bfloat16 when given.
 * @param step 1 for the first update.
 */
export function adamStep(
  param: Tensor,
  expAvg: Tensor,
  expAvgSq: Tensor,
  gradient: Tensor,
  bf16Copy: Tensor | null,
  lr: number,
  beta1: number,
  beta2: number,
  eps: number,
  step: number,
): void {
  adamOp([param, expAvg, expAvgSq, gradient, bf16Copy, lr, beta1, beta2, eps, step]);
}
