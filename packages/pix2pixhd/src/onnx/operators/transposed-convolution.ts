/** Transposed convolutions. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Operators } from './operator.js';

/** `pix2pixhd::conv_transpose2d`. */
export const transposedConvolutions: Operators = {
  'pix2pixhd::conv_transpose2d': (
    { graph, value },
    [input, weight, bias, stride, padding, outputPadding]: readonly [
      Tensor,
      Tensor,
      Tensor | null,
      number,
      number,
      number,
    ],
  ) => {
    const [, , height, width] = weight.shape as [number, number, number, number];
    const inputs = [input, weight, ...(bias === null ? [] : [bias])].map(value);
    return graph.op('ConvTranspose', inputs, {
      kernel_shape: [height, width],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      output_padding: [outputPadding, outputPadding],
    });
  },
};
