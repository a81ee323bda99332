/** ReLU and leaky ReLU. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Graph, Value } from '../graph.js';
import type { Operators } from './operator.js';

/** A value, and `slope` times it where it is negative: 0 for ReLU, 1 for the value as it is. */
export function rectified(graph: Graph, value: Value, slope: number): Value {
  if (slope === 1) return value;
  return slope === 0 ? graph.op('Relu', [value]) : graph.op('LeakyRelu', [value], { alpha: { float: slope } });
}

/** `aten::relu`, `aten::leaky_relu`. */
export const rectifiers: Operators = {
  'aten::relu': ({ graph, value }, [input]: readonly [Tensor]) => rectified(graph, value(input), 0),
  'aten::leaky_relu': ({ graph, value }, [input, slope]: readonly [Tensor, number]) =>
    rectified(graph, value(input), slope),
};
