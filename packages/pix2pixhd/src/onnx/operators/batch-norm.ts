/** Batch norm, by its running statistics or by those of the batch. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Operators } from './operator.js';

type Args = readonly [Tensor, Tensor, Tensor, Tensor | null, Tensor | null, boolean, number, number];

/** `aten::batch_norm`. In training it normalises by the mean and the biased variance of each channel over the batch. */
export const batchNorms: Operators = {
  'aten::batch_norm': ({ graph, value }, [input, weight, bias, mean, variance, training, , eps]: Args) => {
    const [x, scale, shift] = [input, weight, bias].map(value) as [string, string, string];
    if (!training)
      return graph.op('BatchNormalization', [x, scale, shift, value(mean), value(variance)], {
        epsilon: { float: eps },
      });
    const overBatch = { axes: [0, 2, 3], keepdims: 1 };
    const column = (value: string) => graph.op('Unsqueeze', [value, graph.ints([0, 2, 3])]);
    const centred = graph.op('Sub', [x, graph.op('ReduceMean', [x], overBatch)]);
    const spread = graph.op('ReduceMean', [graph.op('Mul', [centred, centred])], overBatch);
    const deviation = graph.op('Sqrt', [graph.op('Add', [spread, graph.numbers('float32', [eps])])]);
    const normal = graph.op('Div', [centred, deviation]);
    return graph.op('Add', [graph.op('Mul', [normal, column(scale)]), column(shift)]);
  },
};
