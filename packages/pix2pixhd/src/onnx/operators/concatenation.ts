/** Concatenation along an axis. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Operators } from './operator.js';

/** `aten::cat`. */
export const concatenations: Operators = {
  'aten::cat': ({ graph, value }, [tensors, axis]: readonly [readonly Tensor[], number]) =>
    graph.op('Concat', tensors.map(value), { axis }),
};
