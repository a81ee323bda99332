/**
 * The package's error and its codes. Depends on nothing.
 */

/** What went wrong, for programs. Codes stay the same from version to version; messages may change. */
export type TorchErrorCode =
  /** An argument has the wrong type or a value outside its range. */
  | 'INVALID_ARGUMENT'
  /** Sizes do not fit each other or what an operator takes. */
  | 'SHAPE_MISMATCH'
  /** A tensor was used after `dispose()` or after the end of its scope. */
  | 'TENSOR_DISPOSED'
  /** There is not enough memory for a tensor. */
  | 'OUT_OF_MEMORY'
  /** The linked libtorch has no operator of that name. */
  | 'UNKNOWN_OPERATOR'
  /** libtorch refused for any other reason: the message is its own. */
  | 'OPERATOR_FAILED'
  /** The body of a scope returned a promise. */
  | 'SCOPE_IS_ASYNC'
  /** A state dict or an optimiser's state does not fit. */
  | 'STATE_MISMATCH'
  /** A file is damaged, is not of its format, or holds something this package refuses to read. */
  | 'FILE_FORMAT'
  /** There is no CUDA device, or the addon was built without CUDA. */
  | 'CUDA_UNAVAILABLE'
  /** The addon is not built, or libtorch cannot be loaded. */
  | 'LIBTORCH_NOT_FOUND';

/** Every error that this package throws on purpose. */
export class TorchError extends Error {
  override readonly name: string = 'TorchError';
  readonly code: TorchErrorCode;
  /** libtorch's frames where the error is its own, several KB. */
  readonly backtrace?: string;

  constructor(code: TorchErrorCode, message: string, options?: ErrorOptions & { readonly backtrace?: string }) {
    super(message, options);
    this.code = code;
    if (options?.backtrace !== undefined) this.backtrace = options.backtrace;
  }
}
