/** Dropout that stays on, as pix2pix's noise. */
import type { Tensor } from '@pix2pixhd/torch';
import { elementTypes } from '../model-proto.js';
import type { Operators } from './operator.js';

/**
 * `aten::dropout`. ONNX's own operator draws from the runtime's generator, where it draws at all: some runtimes leave it out, others
 * draw the same in every session. So which elements are dropped is computed, from the input `seed`, an int32 scalar, and the
 * element's number: the fraction of a sine of both times a large number, which is spread evenly. The same seed gives the same image.
 */
export const dropouts: Operators = {
  'aten::dropout': ({ graph, value }, [input, probability, training]: readonly [Tensor, number, boolean]) => {
    const given = value(input);
    if (!training) return given;
    const float = (number: number) => graph.numbers('float32', [number]);
    const toFloat = (whole: string) => graph.op('Cast', [whole], { to: elementTypes.float32 });
    const shape = graph.op('Shape', [given]);
    const count = graph.op('ReduceProd', [shape], { keepdims: 0 });
    const numbers = toFloat(graph.op('Range', [graph.ints(0), count, graph.ints(1)]));
    const seed = graph.op('Mul', [toFloat(graph.input('seed', 'int32', [])), float(78.233)]);
    // Each layer draws other numbers.
    const layer = graph.op('Add', [seed, float(graph.size)]);
    const angle = graph.op('Add', [graph.op('Mul', [numbers, float(12.9898)]), layer]);
    const large = graph.op('Mul', [graph.op('Sin', [angle]), float(43758.5453)]);
    const even = graph.op('Sub', [large, graph.op('Floor', [large])]);
    const kept = toFloat(graph.op('GreaterOrEqual', [even, float(probability)]));
    const scaled = graph.op('Mul', [given, float(1 / (1 - probability))]);
    return graph.op('Mul', [scaled, graph.op('Reshape', [kept, shape])]);
  },
};
