/** Reflection padding by a fixed number of pixels. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Operators } from './operator.js';

/** `pix2pixhd::reflection_pad2d`. */
export const reflectionPads: Operators = {
  'pix2pixhd::reflection_pad2d': ({ graph, value }, [input, pad]: readonly [Tensor, number]) =>
    graph.op('Pad', [value(input), graph.ints([0, 0, pad, pad, 0, 0, pad, pad])], { mode: 'reflect' }),
};
