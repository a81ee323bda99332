/**
 * How a loss is reduced over its elements. Depends on the package's errors.
 */
import { TorchError } from '../errors.js';

/** The losses of all elements as they are, their sum, or their mean: PyTorch's names. */
export type Reduction = 'none' | 'mean' | 'sum';

const codes = ['none', 'mean', 'sum'];

/** libtorch's number of a reduction; undefined for its default, the mean. */
export function reductionCode(reduction: Reduction | undefined): number | undefined {
  if (reduction === undefined) return undefined;
  const code = codes.indexOf(reduction);
  if (code < 0)
    throw new TorchError('INVALID_ARGUMENT', `reduction: expected 'none', 'mean' or 'sum', found ${String(reduction)}`);
  return code;
}
