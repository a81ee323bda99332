/**
 * Weights as values of a graph, in the precision that they are stored in. Depends on torch and the graph.
 */
import { noGrad, ops, scope, type Tensor } from '@pix2pixhd/torch';
import type { Graph, Value } from './graph.js';
import { elementTypes } from './model-proto.js';

/**
 * How weights are stored: as they are trained; in half the space; or convolutions in a quarter of it, each output channel with a
 * step of its own. Runtimes make float32 of them and compute in that.
 */
export type WeightStorage = 'fp32' | 'fp16' | 'int8';

/**
 * Adds a weight.
 * @param name its key in the state dict.
 * @param outputAxis of a convolution's weight, the axis of its output channels; undefined for all other weights.
 */
export function weightValue(
  graph: Graph,
  name: string,
  weight: Tensor,
  storage: WeightStorage,
  outputAxis: number | undefined,
): Value {
  if (storage === 'int8' && outputAxis !== undefined) return quantized(graph, name, weight, outputAxis);
  const bytes = (dtype: 'float32' | 'float16') => noGrad(() => scope(() => ops.toDtype(weight, dtype).toData().bytes));
  // The few numbers of norms and biases are worth more than the space they take.
  if (storage === 'fp32' || weight.shape.length < 2)
    return graph.initializer(name, 'float32', weight.shape, bytes('float32'));
  const half = graph.initializer(`${name}.fp16`, 'float16', weight.shape, bytes('float16'));
  return graph.op('Cast', [half], { to: elementTypes.float32 });
}

/** Whole numbers of −127 to 127, and what one of them is worth in each output channel. */
function quantized(graph: Graph, name: string, weight: Tensor, outputAxis: number): Value {
  return noGrad(() =>
    scope(() => {
      const rows = ops.flatten(outputAxis === 0 ? weight : ops.transpose(weight, 0, outputAxis), 1);
      const [greatest] = ops.max(ops.abs(rows), 1);
      const step = ops.div(ops.clamp(greatest, 1e-12), 127);
      const shape = weight.shape.map((size, axis) => (axis === outputAxis ? size : 1));
      const levels = ops.toDtype(ops.round(ops.div(weight, ops.reshape(step, shape))), 'int8');
      const stored = graph.initializer(`${name}.int8`, 'int8', weight.shape, levels.toData().bytes);
      const steps = graph.initializer(`${name}.step`, 'float32', step.shape, step.toData().bytes);
      return graph.op('DequantizeLinear', [stored, steps], { axis: outputAxis });
    }),
  );
}
