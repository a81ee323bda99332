/** Dropout that stays on, as pix2pix's noise. */
import type { Tensor } from '@pix2pixhd/torch';
import { elementTypes } from '../model-proto.js';
import type { Operators } from './operator.js';

/** A prime below 2³¹: products of two numbers below it fit into 64 bits. */
const modulus = 2_147_483_647;

/**
 * `aten::dropout`. ONNX's own operator draws from the runtime's generator, where it draws at all: some runtimes leave it out, others
 * draw the same in every session. So which elements are dropped is computed, in whole numbers, from the input `seed`, an int32 scalar, the
 * element's number and the layer's: multiplied, squared and added to modulo a prime, which spreads them evenly. The same seed gives the same
 * image in every runtime.
 */
export const dropouts: Operators = {
  'aten::dropout': ({ graph, value }, [input, probability, training]: readonly [Tensor, number, boolean]) => {
    const given = value(input);
    if (!training) return given;
    const float = (number: number) => graph.numbers('float32', [number]);
    const product = (first: string, second: string) => graph.op('Mul', [first, second]);
    const sum = (first: string, second: string) => graph.op('Add', [first, second]);
    const reduced = (whole: string) => graph.op('Mod', [whole, graph.ints(modulus)]);
    const shape = graph.op('Shape', [given]);
    const count = graph.op('ReduceProd', [shape], { keepdims: 0 });
    const number = graph.op('Range', [graph.ints(0), count, graph.ints(1)]);
    const seed = graph.op('Cast', [graph.input('seed', 'int32', [])], { to: elementTypes.int64 });
    // Each layer draws other numbers.
    const layer = sum(product(seed, graph.ints(69_069)), graph.ints(graph.size * 362_437));
    let hash = reduced(sum(product(number, graph.ints(1_103_515_245)), layer));
    for (const factor of [48_271, 16_807, 69_621])
      hash = reduced(sum(product(hash, hash), sum(product(hash, graph.ints(factor)), number)));
    const kept = graph.op('GreaterOrEqual', [hash, graph.ints(Math.round(probability * modulus))]);
    const factor = graph.op('Cast', [kept], { to: elementTypes.float32 });
    const scaled = graph.op('Mul', [given, float(1 / (1 - probability))]);
    return graph.op('Mul', [scaled, graph.op('Reshape', [factor, shape])]);
  },
};
