/**
 * What a generator has made, as values of files: the same as `inference/to-images.ts`. Depends on the graph.
 */
import type { OutputScale } from '../inference/to-images.js';
import type { Graph, Value } from './graph.js';
import { elementTypes } from './model-proto.js';

/** How results are stored. */
export const resultTypes = { '8': 'uint8', '16': 'uint16', float: 'float32' } as const;

const greatest = { '8': 255, '16': 65535 } as const;

/**
 * Adds the outputs `result`, (N, H, W, C) in depth and unit of the images that were trained on, and `values`, (N, C, H, W) in
 * [-1, 1].
 * @param values what the network made, cut to the input's size.
 */
export function resultNodes(graph: Graph, values: Value, channels: number, { depth, black, white }: OutputScale): void {
  const float = (value: number) => graph.numbers('float32', [value]);
  const clipped = graph.op('Clip', [values, float(-1), float(1)]);
  const unit = graph.op('Add', [clipped, float(1)]);
  const scaled = graph.op('Mul', [unit, float((white - black) / 2)]);
  const shifted = black === 0 ? scaled : graph.op('Add', [scaled, float(black)]);
  const stored = depth === 'float' ? shifted : whole(graph, shifted, depth);
  const image = graph.op('Transpose', [stored], { perm: [0, 2, 3, 1] });
  graph.output('result', image, resultTypes[depth], ['N', 'H', 'W', channels]);
  graph.output('values', values, 'float32', ['N', channels, 'H', 'W']);
}

/** Rounded to the nearest whole number, halves to even ones, within what the depth holds. */
function whole(graph: Graph, values: Value, depth: '8' | '16'): Value {
  const bounds = [0, greatest[depth]].map(value => graph.numbers('float32', [value]));
  const inside = graph.op('Clip', [graph.op('Round', [values]), ...bounds]);
  return graph.op('Cast', [inside], { to: elementTypes[resultTypes[depth]] });
}
