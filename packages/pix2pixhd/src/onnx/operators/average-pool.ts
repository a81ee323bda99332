/** Average pooling. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Operators } from './operator.js';

type Args = readonly [Tensor, number, number, number, boolean?, boolean?];

/** `aten::avg_pool2d` with square windows. */
export const averagePools: Operators = {
  'aten::avg_pool2d': ({ graph, value }, [input, kernel, stride, padding, ceil = false, countPadding = true]: Args) =>
    graph.op('AveragePool', [value(input)], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      ceil_mode: ceil ? 1 : 0,
      count_include_pad: countPadding ? 1 : 0,
    }),
};
