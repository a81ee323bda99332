/**
 * Any operator of the linked library by its name. The typed wrappers stand on this. Depends on the binding and Tensor.
 */
import { binding, type Handle } from '../binding.js';
import { RandomGenerator } from '../random.js';
import { Tensor } from '../tensor.js';

function unwrap(value: unknown): unknown {
  if (value instanceof Tensor || value instanceof RandomGenerator) return value.handle;
  if (Array.isArray(value)) return value.map(unwrap);
  return value;
}

function wrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wrap);
  // Numbers, booleans and null pass through; an External has the type "object".
  return value !== null && typeof value === 'object' ? new Tensor(value as Handle) : value;
}

/**
 * Looks an operator up by its schema name, on first call.
 * @param name with its namespace: `aten::conv2d`.
 * @param overload the overload's name, empty for none.
 * @returns a function of the arguments in schema order; missing trailing ones take the schema's defaults. Numbers stand
 * for scalars, integers and (as in PyTorch) zero-dimensional tensors; dtypes and memory formats go by name.
 * @throws an Error with libtorch's own first line when the operator is unknown or refuses its arguments.
 */
export function operator(name: string, overload = ''): (args: readonly unknown[]) => unknown {
  let index = -1;
  return args => {
    if (index < 0) index = binding.findOperator(name, overload);
    return wrap(binding.call(index, args.map(unwrap)));
  };
}
