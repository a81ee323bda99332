/**
 * The addon's errors as the package's: which code an error of libtorch has, and where a disposed tensor was made and
 * disposed of. Depends on the binding and errors.
 */
import { binding, type Handle, type NativeErrorKind } from './binding.js';
import { TorchError, type TorchErrorCode } from './errors.js';

/** Words by which libtorch and the kernels say that sizes do not fit. */
const shapeWords = new RegExp(
  [
    'must match the (existing )?size',
    'shapes? cannot be multiplied',
    '[Ss]izes of tensors must match',
    'same (shape|size|number of elements)',
    'one shape',
    'another shape',
    "labels' shape",
    'is invalid for input of size',
    'bytes of data for shape',
    'size mismatch',
    "broadcast shape|can't be broadcast|not broadcastable",
    'input has \\d+ channels',
    'to have \\d+ channels, but got',
    'of \\d axes|expected a gradient|do not fit the weight',
    "match batch_size|number of dimensions|Expected \\d-?D|[Ss]hape '?\\[",
  ].join('|'),
);

function codeOf(kind: NativeErrorKind, message: string): TorchErrorCode {
  if (kind === 'out of memory') return 'OUT_OF_MEMORY';
  if (kind === 'disposed') return 'TENSOR_DISPOSED';
  if (kind === 'argument') return 'INVALID_ARGUMENT';
  if (message.startsWith('Could not find schema')) return 'UNKNOWN_OPERATOR';
  if (message.startsWith('CUDA graphs: ')) return 'CUDA_UNAVAILABLE';
  return shapeWords.test(message) ? 'SHAPE_MISMATCH' : 'OPERATOR_FAILED';
}

/** Stacks of the places where a tensor was made and disposed of. */
interface History {
  readonly made: string;
  disposed?: string;
}

let histories: WeakMap<Handle, History> | undefined;

/** Whether {@link setDebug} is on. Read once for each new tensor, so that it costs nothing when it is off. */
export let debugging = false;

/**
 * Remembers from here on where tensors are made and where they are disposed of, so that the error of a disposed tensor tells. Each
 * tensor then takes some 25 µs more. `PIX2PIXHD_TORCH_DEBUG=1` switches it on from the start.
 */
export function setDebug(on: boolean): void {
  debugging = on;
  if (on) histories ??= new WeakMap();
}

/** The program's frames, without the package's first ones. */
function whereAmI(): string {
  const { stack = '' } = new Error();
  return stack.split('\n').slice(3).join('\n');
}

/** @internal debug mode: a handle was made. */
export function noteMade(handle: Handle): void {
  histories?.set(handle, { made: whereAmI() });
}

/** @internal debug mode: a handle was disposed of. Only the first time counts. */
export function noteDisposed(handle: Handle): void {
  const history = histories?.get(handle);
  if (history !== undefined) history.disposed ??= whereAmI();
}

function historyText(handle: Handle | undefined): string {
  const history = handle === undefined ? undefined : histories?.get(handle);
  if (history === undefined) return '';
  return `\nmade\n${history.made}\ndisposed\n${history.disposed ?? '    (not seen)'}\n`;
}

function makeError(kind: NativeErrorKind, message: string, backtrace?: string, handle?: Handle): TorchError {
  const text = kind === 'disposed' ? message + historyText(handle) : message;
  const error = new TorchError(codeOf(kind, message), text, backtrace === undefined ? {} : { backtrace });
  Error.captureStackTrace(error, makeError);
  return error;
}

binding.setErrorFactory(makeError);
setDebug(process.env.PIX2PIXHD_TORCH_DEBUG === '1');
