/** Instance-wise average pooling (section 3.4). */
import type { Tensor } from '@pix2pixhd/torch';
import { elementTypes } from '../model-proto.js';
import type { Operators } from './operator.js';

/**
 * `pix2pixhd::pool_by_instance`: features (N, C, H, W) and ids (N, 1, H, W). Every instance of every image gets a number; its
 * features are summed under that number, in double as here, divided by its pixels, and read back pixel by pixel.
 */
export const instancePools: Operators = {
  'pix2pixhd::pool_by_instance': ({ graph, value }, [features, ids]: readonly [Tensor, Tensor]) => {
    const channels = features.shape[1]!;
    const [values, given] = [value(features), value(ids)];
    const shape = graph.op('Shape', [given]);
    const images = graph.op('Gather', [shape, graph.ints(0)]);
    // id · N + n tells the images of a batch apart.
    const wide = graph.op('Cast', [given], { to: elementTypes.int64 });
    const image = graph.op('Unsqueeze', [
      graph.op('Range', [graph.ints(0), images, graph.ints(1)]),
      graph.ints([1, 2, 3]),
    ]);
    const distinct = graph.op('Add', [graph.op('Mul', [wide, images]), image]);
    const flat = graph.op('Reshape', [distinct, graph.ints([-1])]);
    const [unique, , numbers] = graph.ops('Unique', [flat], { sorted: 1 }, 3) as [string, string, string];
    const count = graph.op('Shape', [unique]);
    // (pixels, channels), so that all features of a pixel go to the row of its instance.
    const rows = graph.op('Reshape', [
      graph.op('Cast', [graph.op('Transpose', [values], { perm: [0, 2, 3, 1] })], { to: elementTypes.float64 }),
      graph.ints([-1, channels]),
    ]);
    const index = graph.op('Unsqueeze', [numbers, graph.ints([1])]);
    const table = (width: number) =>
      graph.op('Expand', [
        graph.numbers('float64', [0], [1, 1]),
        graph.op('Concat', [count, graph.ints([width])], { axis: 0 }),
      ]);
    const sums = graph.op('ScatterND', [table(channels), index, rows], { reduction: 'add' });
    const ones = graph.op('Expand', [
      graph.numbers('float64', [1], [1, 1]),
      graph.op('Concat', [graph.op('Shape', [flat]), graph.ints([1])], { axis: 0 }),
    ]);
    const pixels = graph.op('ScatterND', [table(1), index, ones], { reduction: 'add' });
    const mean = graph.op('Cast', [graph.op('Div', [sums, pixels])], { to: elementTypes.float32 });
    const means = graph.op('Gather', [mean, numbers]);
    const back = graph.op(
      'Concat',
      [
        graph.op('Slice', [shape, graph.ints([0]), graph.ints([1])]),
        graph.op('Slice', [shape, graph.ints([2]), graph.ints([4])]),
        graph.ints([channels]),
      ],
      { axis: 0 },
    );
    return graph.op('Transpose', [graph.op('Reshape', [means, back])], { perm: [0, 3, 1, 2] });
  },
};
