/** Operators on each element, and those that leave the values as they are. */
import type { Tensor } from '@pix2pixhd/torch';
import type { Operator, Operators } from './operator.js';

const unary =
  (type: string): Operator =>
  ({ graph, value }, [input]: readonly [Tensor]) =>
    graph.op(type, [value(input)]);

const same: Operator = ({ value }, [input]: readonly [Tensor]) => value(input);

/** `aten::tanh`, `aten::add.Tensor`, `aten::detach` and the like. */
export const elementwise: Operators = {
  'aten::tanh': unary('Tanh'),
  'aten::add.Tensor': ({ graph, value }, [first, second]: readonly [Tensor, Tensor]) =>
    graph.op('Add', [value(first), value(second)]),
  'aten::contiguous': same,
  'aten::detach': same,
};
