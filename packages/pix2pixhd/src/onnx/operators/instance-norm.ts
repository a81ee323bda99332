/** Instance norm without affine parameters, and what is fused with it: a leaky ReLU, or the sum with a residual. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Operators, Place } from './operator.js';
import { rectified } from './rectifier.js';

function instanceNorm(
  { graph, value }: Place,
  [input, residual, slope, eps]: readonly [Tensor, Tensor | null, number, number],
): string {
  const channels = input.shape[1]!;
  const scale = graph.numbers('float32', new Array<number>(channels).fill(1), [channels]);
  const bias = graph.numbers('float32', new Array<number>(channels).fill(0), [channels]);
  const given = value(input);
  // Runtimes sum in float32, and the mean of many equal numbers is then not quite that number: what remains would be divided by the root
  // of eps, again and again, and noise made of an image of a single class. Less a first mean, what a second one is wrong by is nothing;
  // and large images lose four times less than by the operator alone.
  const mean = graph.op('ReduceMean', [given], { axes: [2, 3], keepdims: 1 });
  const shifted = graph.op('Sub', [given, mean]);
  const norm = graph.op('InstanceNormalization', [shifted, scale, bias], { epsilon: { float: eps } });
  return residual === null ? rectified(graph, norm, slope) : graph.op('Add', [norm, value(residual)]);
}

/** `pix2pixhd::instance_norm`, and the one that takes its input over. */
export const instanceNorms: Operators = {
  'pix2pixhd::instance_norm': instanceNorm,
  'pix2pixhd::instance_norm_owned': instanceNorm,
};
