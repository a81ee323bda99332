/**
 * How much arithmetic a recorded call is, from its arguments alone. Depends on the recorder's types.
 */
import { TorchError } from '../errors.js';
import type { CallInput, OperatorCall, TensorShape } from './profile.js';

/** Calls whose arithmetic is known, by name: multiplications and additions. */
const arithmetic: Readonly<Record<string, (inputs: readonly CallInput[]) => number>> = {
  // (input, weight, bias, stride, padding, dilation, transposed, output_padding, groups)
  'aten::convolution'([input, weight, , stride, padding, dilation, transposed]) {
    const [from, kernel] = [tensorOf(input), tensorOf(weight)];
    if (transposed === 1) return onePass(from, kernel);
    const pixels = from.shape.slice(2).map((size, axis) => {
      const reach = at(dilation, axis) * (kernel.shape[axis + 2]! - 1) + 1;
      return Math.floor((size + 2 * at(padding, axis) - reach) / at(stride, axis)) + 1;
    });
    return onePass({ dtype: from.dtype, shape: [from.shape[0]!, kernel.shape[0]!, ...pixels] }, kernel);
  },
  // (grad_output, input, weight, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, output_mask)
  'aten::convolution_backward'([gradient, input, weight, , , , , transposed, , , mask]) {
    const side = tensorOf(transposed === 1 ? input : gradient);
    return (at(mask, 0) + at(mask, 1)) * onePass(side, tensorOf(weight));
  },
};

/** Every element on the side of the weight's first axis meets all the others of the weight once. */
function onePass(side: TensorShape, weight: TensorShape): number {
  return (2 * product(side.shape) * product(weight.shape)) / weight.shape[0]!;
}

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

/** @internal whether an argument is one tensor. */
export function isTensor(input: CallInput | undefined): input is TensorShape {
  return typeof input === 'object' && input !== null && 'shape' in input;
}

function tensorOf(input: CallInput | undefined): TensorShape {
  if (!isTensor(input))
    throw new TorchError('INVALID_ARGUMENT', `profile: expected a tensor, found ${JSON.stringify(input)}`);
  return input;
}

/** One number of a list; a list of one stands for all axes, as in PyTorch. */
function at(input: CallInput | undefined, axis: number): number {
  const value = Array.isArray(input) ? (input[axis] ?? input[0]) : undefined;
  if (typeof value !== 'number')
    throw new TorchError('INVALID_ARGUMENT', `profile: expected integers, found ${JSON.stringify(input)}`);
  return value;
}

/**
 * GFLOP of a convolution, or of the gradients of one that were asked for: what the operator is defined to compute, however
 * the library does it. Null for all other calls.
 */
export function gflopOfCall(call: OperatorCall): number | null {
  const count = call.gradient ? undefined : arithmetic[call.name];
  return count === undefined ? null : count(call.inputs) / 1e9;
}
