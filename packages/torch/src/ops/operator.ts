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

/** One call of an operator: what a graph of the network is made from. */
export interface OperatorCall {
  /** With its namespace and overload: `aten::add.Tensor`. */
  readonly operator: string;
  /** In the order of the schema; trailing ones may be missing. */
  readonly args: readonly unknown[];
  readonly result: unknown;
}

let recorder: ((call: OperatorCall) => void) | null = null;

/**
 * Runs `body` and tells `record` of every operator that it calls, in order. The tensors of a call are the very objects that the
 * program has, so that an argument can be recognised as the result of an earlier call. What `record` calls itself is not recorded.
 * @returns what `body` returns.
 */
export function recordOperators<T>(body: () => T, record: (call: OperatorCall) => void): T {
  const before = recorder;
  recorder = record;
  try {
    return body();
  } finally {
    recorder = before;
  }
}

function tell(record: (call: OperatorCall) => void, call: OperatorCall): void {
  recorder = null;
  try {
    record(call);
  } finally {
    recorder = record;
  }
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
    const result = wrap(binding.call(index, args.map(unwrap)));
    if (recorder !== null) tell(recorder, { operator: overload === '' ? name : `${name}.${overload}`, args, result });
    return result;
  };
}

const known = new Map<string, boolean>();

/** Whether the linked library has an operator; see {@link operator} for the names. */
export function hasOperator(name: string, overload = ''): boolean {
  const full = `${name}.${overload}`;
  let has = known.get(full);
  if (has === undefined) {
    has = isFound(name, overload);
    known.set(full, has);
  }
  return has;
}

function isFound(name: string, overload: string): boolean {
  try {
    binding.findOperator(name, overload);
    return true;
  } catch {
    return false;
  }
}
