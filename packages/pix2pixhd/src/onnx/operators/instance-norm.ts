/** Instance norm without affine parameters, and what is fused with it: a leaky ReLU, or the sum with a residual. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Graph, Value } from '../graph.js';
import { elementTypes } from '../model-proto.js';
import type { Operators, Place } from './operator.js';
import { rectified } from './rectifier.js';

function instanceNorm(
  { graph, value }: Place,
  [input, residual, slope, eps]: readonly [Tensor, Tensor | null, number, number],
): string {
  const given = value(input);
  // ONNX's own operator sums a whole channel in float32, one number after the other: of two million pixels the variance is then off by
  // 10⁻⁵, in every layer. By rows first, nothing is lost.
  const mean = meanOf(graph, given);
  const centred = graph.op('Sub', [given, mean]);
  const variance = meanOf(graph, graph.op('Mul', [centred, centred]));
  // The mean of equal numbers is not quite that number. What remains would be divided by the root of eps, layer after layer, and noise
  // made of an image of a single class: what is below float32's own steps is nothing.
  const steps = graph.op('Mul', [graph.op('Mul', [mean, mean]), float(graph, 1e-12)]);
  const says = graph.op('Cast', [graph.op('Greater', [variance, steps])], { to: elementTypes.float32 });
  const deviation = graph.op('Sqrt', [graph.op('Add', [variance, float(graph, eps)])]);
  const norm = graph.op('Mul', [centred, graph.op('Div', [says, deviation])]);
  return residual === null ? rectified(graph, norm, slope) : graph.op('Add', [norm, value(residual)]);
}

/** (N, C, H, W) to (N, C, 1, 1): the mean of the means of the rows. */
function meanOf(graph: Graph, planes: Value): Value {
  const rows = graph.op('ReduceMean', [planes], { axes: [3], keepdims: 1 });
  return graph.op('ReduceMean', [rows], { axes: [2], keepdims: 1 });
}

function float(graph: Graph, number: number): Value {
  return graph.numbers('float32', [number]);
}

/** `pix2pixhd::instance_norm`, and the one that takes its input over. */
export const instanceNorms: Operators = {
  'pix2pixhd::instance_norm': instanceNorm,
  'pix2pixhd::instance_norm_owned': instanceNorm,
};
