/** Convolutions, also those that are made for sparse inputs or for images: all are the same sum. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Operators, Place } from './operator.js';

function convolution(
  { graph, value }: Place,
  [input, weight, bias, stride = 1, padding = 0]: readonly [Tensor, Tensor, Tensor | null, number?, number?],
): string {
  const [, , height, width] = weight.shape as [number, number, number, number];
  const inputs = [input, weight, ...(bias === null ? [] : [bias])].map(value);
  return graph.op('Conv', inputs, {
    kernel_shape: [height, width],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  });
}

/** `pix2pixhd::conv2d`, `sparse_input_conv2d` and `conv_to_image`, which has no stride and no padding. */
export const convolutions: Operators = {
  'pix2pixhd::conv2d': convolution,
  'pix2pixhd::sparse_input_conv2d': convolution,
  'pix2pixhd::conv_to_image': convolution,
};
