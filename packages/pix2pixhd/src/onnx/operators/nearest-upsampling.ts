/** Nearest-neighbour upsampling by whole factors. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Operators } from './operator.js';

/** `aten::upsample_nearest2d` to a multiple of the size. The call has the size in pixels; the graph has the factor. */
export const nearestUpsamplings: Operators = {
  'aten::upsample_nearest2d': (
    { graph, value },
    [input, [height, width]]: readonly [Tensor, readonly [number, number]],
  ) => {
    const [, , fromHeight, fromWidth] = input.shape as [number, number, number, number];
    const scales = [1, 1, height / fromHeight, width / fromWidth];
    if (!scales.every(Number.isInteger)) throw new RangeError(`upsampling by ${scales.slice(2)}, not by whole factors`);
    const factors = graph.numbers('float32', scales, [4]);
    return graph.op('Resize', [value(input), null, factors], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
  },
};
