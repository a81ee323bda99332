/**
 * Width and height inside a graph: the size that the network takes, and which pixel of the input each pixel of it shows. The same
 * arithmetic as `inference/pad.ts`. Depends on the graph.
 */
import type { Graph, Value } from './graph.js';

/** A side of the input, as nodes of the graph. */
export interface Side {
  /** The input's own length, a scalar. */
  readonly length: Value;
  /** For each pixel of the padded side the input's pixel that it shows, by reflection without repeating the edge. */
  readonly shown: Value;
}

/**
 * A side of an input.
 * @param input any input of the graph, and which of its axes the side is.
 * @param multiple of which the padded side is one.
 * @param least padded side, a multiple itself.
 */
export function sideOf(graph: Graph, input: Value, axis: number, multiple: number, least: number): Side {
  const int = (value: number) => graph.ints(value);
  const length = graph.op('Gather', [graph.op('Shape', [input]), int(axis)]);
  const rounded = graph.op('Mul', [
    graph.op('Div', [graph.op('Add', [length, int(multiple - 1)]), int(multiple)]),
    int(multiple),
  ]);
  const padded = graph.op('Max', [rounded, int(least)]);
  // One pixel alone has no period: it is shown everywhere.
  const period = graph.op('Max', [graph.op('Mul', [graph.op('Sub', [length, int(1)]), int(2)]), int(1)]);
  const inPeriod = graph.op('Mod', [graph.op('Range', [int(0), padded, int(1)]), period]);
  return { length, shown: graph.op('Min', [inPeriod, graph.op('Sub', [period, inPeriod])]) };
}

/** Height and width of an image or a map. */
export interface Sides {
  readonly height: Side;
  readonly width: Side;
}

/** A value padded to the sides. @param axis its height's; width follows. */
export function padded(graph: Graph, value: Value, { height, width }: Sides, axis: number): Value {
  const rows = graph.op('Gather', [value, height.shown], { axis });
  return graph.op('Gather', [rows, width.shown], { axis: axis + 1 });
}

/** (N, C, H, W) at the padded size, cut to the input's. */
export function cut(graph: Graph, value: Value, { height, width }: Sides): Value {
  const ends = graph.op(
    'Concat',
    [height, width].map(({ length }) => graph.op('Unsqueeze', [length, graph.ints([0])])),
    { axis: 0 },
  );
  return graph.op('Slice', [value, graph.ints([0, 0]), ends, graph.ints([2, 3])]);
}
