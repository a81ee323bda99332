/**
 * What a generator is told, from what a user has: label maps become one channel for each class, instance maps their boundaries,
 * images values in [-1, 1]; all of it padded to sides that the network takes. The same as `conditioning/` and `inference/pad.ts`.
 * Depends on the graph.
 */
import type { Graph, Value } from './graph.js';
import { elementTypes } from './model-proto.js';
import { padded, type Sides, sideOf } from './sides.js';

/** Images as an input of a graph. */
export interface ImageValues {
  readonly channels: number;
  readonly dtype: 'uint8' | 'float32';
  /** Black and white of the channels, one after the other; undefined where the values are in [-1, 1] already. */
  readonly ranges: readonly { readonly channels: number; readonly black: number; readonly white: number }[] | undefined;
}

/** What a generator reads. */
export interface ConditionShape {
  /** 0: no label maps. */
  readonly labelNc: number;
  readonly boundary: boolean;
  readonly image: ImageValues | undefined;
  /** Channels of style features, 0 for none. */
  readonly featNum: number;
  /** Padded sides are multiples of it. */
  readonly multiple: number;
  readonly least: number;
}

/**
 * Adds the inputs `label`, `instance`, `image` and `style`, as far as the network has them.
 * @returns the condition, (N, C, H, W) in float32 at the padded size, and the sides.
 */
export function conditionNodes(
  graph: Graph,
  shape: ConditionShape,
): { readonly condition: Value; readonly sides: Sides } {
  const { labelNc, boundary, image, featNum, multiple, least } = shape;
  const map = (name: string) => graph.input(name, 'int32', ['N', 'H', 'W']);
  const label = labelNc > 0 ? map('label') : undefined;
  const instance = boundary ? map('instance') : undefined;
  const pixels = image && graph.input('image', image.dtype, ['N', 'H', 'W', image.channels]);
  const style = featNum > 0 ? graph.input('style', 'float32', ['N', featNum, 'H', 'W']) : undefined;
  // Maps are (N, H, W) and images (N, H, W, C).
  const first = label ?? instance ?? pixels!;
  const sides = {
    height: sideOf(graph, first, 1, multiple, least),
    width: sideOf(graph, first, 2, multiple, least),
  };
  const channels = [
    label && oneHot(graph, padded(graph, label, sides, 1), labelNc),
    instance && boundaryMap(graph, padded(graph, instance, sides, 1)),
    pixels && imageNodes(graph, padded(graph, pixels, sides, 1), image!),
    style && padded(graph, style, sides, 2),
  ].filter(value => value !== undefined);
  return { condition: channels.length === 1 ? channels[0]! : graph.op('Concat', channels, { axis: 1 }), sides };
}

/** (N, H, W) class ids to (N, classes, H, W); an id that is no class sets no channel. */
function oneHot(graph: Graph, label: Value, classes: number): Value {
  const ids = graph.numbers('int32', [...new Array(classes).keys()], [1, classes, 1, 1]);
  const equal = graph.op('Equal', [channel(graph, label), ids]);
  return toFloat(graph, equal);
}

/** (N, H, W) instance ids to (N, 1, H, W): 1 where an id differs from one of its four neighbours (section 3.3). */
function boundaryMap(graph: Graph, instance: Value): Value {
  const edges = [1, 2].flatMap(axis => {
    const at = (from: number, to: number) =>
      graph.op('Slice', [instance, graph.ints([from]), graph.ints([to]), graph.ints([axis])]);
    const differs = graph.op('Not', [graph.op('Equal', [at(1, 2 ** 31 - 1), at(0, -1)])]);
    const difference = toFloat(graph, differs);
    // A difference is an edge on both of its sides.
    return [0, 3].map(side => {
      const pads = [0, 0, 0, 0, 0, 0];
      pads[axis + side] = 1;
      return graph.op('Pad', [difference, graph.ints(pads)], { mode: 'constant' });
    });
  });
  return channel(graph, graph.op('Max', edges));
}

/** (N, H, W, C) values of files to (N, C, H, W) in [-1, 1]; what lies outside the range is cut off. */
export function imageNodes(graph: Graph, pixels: Value, { dtype, ranges }: ImageValues): Value {
  const floats = dtype === 'float32' ? pixels : toFloat(graph, pixels);
  const planes = graph.op('Transpose', [floats], { perm: [0, 3, 1, 2] });
  if (ranges === undefined) return planes;
  const each = (number: (range: { readonly black: number; readonly white: number }) => number) => {
    const numbers = ranges.flatMap(range => new Array<number>(range.channels).fill(number(range)));
    return graph.numbers('float32', numbers, [1, numbers.length, 1, 1]);
  };
  const dark = graph.op('Sub', [planes, each(({ black }) => black)]);
  const unit = graph.op('Mul', [dark, each(({ black, white }) => 2 / (white - black))]);
  const bounds = [-1, 1].map(value => graph.numbers('float32', [value]));
  return graph.op('Clip', [graph.op('Sub', [unit, graph.numbers('float32', [1])]), ...bounds]);
}

function toFloat(graph: Graph, value: Value): Value {
  return graph.op('Cast', [value], { to: elementTypes.float32 });
}

/** (N, H, W) to (N, 1, H, W). */
function channel(graph: Graph, map: Value): Value {
  return graph.op('Unsqueeze', [map, graph.ints([1])]);
}
