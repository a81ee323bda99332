/**
 * The one error of this package, and how errors cross into another thread. Depends on nothing.
 */

/**
 * What can go wrong, for programs: the code of every {@link UserError}, with what it means. Where `pix2pixhd` has the same
 * error, the code is the same.
 */
export const errorCodes = {
  FILE_NOT_FOUND: 'a file that was named is not there: no such path, or 404',
  FILE_UNREADABLE: 'an image is damaged, or of a kind that cannot be read here',
  DOWNLOAD_FAILED: 'the network or the server failed',
  MODEL_UNSUITABLE: 'a file is not a model that pix2pixhd export --format onnx wrote',
  MODEL_DAMAGED: 'a model is not the file that was asked for: its digest differs, or it ends early',
  MODEL_TOO_NEW: 'a later version of pix2pixhd wrote the model',
  PARTNER_MISSING: 'an input lacks the one that belongs to it: an instance map',
  NOT_AN_ID_MAP: 'a label map or instance map holds colours, or is stored in a way that changes ids',
  LABEL_OUT_OF_RANGE: 'a label map has ids outside the classes',
  SIZE_MISMATCH: 'images that belong together differ in size',
  WRONG_CHANNELS: 'an image has another number of channels than the network',
  IMAGE_UNSUITABLE: 'an image cannot be used as it is',
  FEATURES_UNSUITABLE: 'style features cannot be used: another shape, or not finite',
  NO_ENCODER: 'the network was trained without styles, or no encoder was given',
  STYLES_MISSING: 'the model has no styles',
  STYLE_INVALID: 'a style cannot be understood',
  OPTION_CONFLICT: 'two options contradict each other',
  DEVICE_UNAVAILABLE: 'the device that was asked for is not there',
  NOT_INSTALLED: 'ONNX Runtime, or another package that this needs, is not there',
  OUT_OF_MEMORY: 'memory has run out',
  COMPUTATION_FAILED: 'ONNX Runtime could not compute the model',
  THREAD_ENDED: 'the worker could not be started, or has ended',
  CANNOT_WRITE: 'a file cannot be written',
  UNSUPPORTED: 'this is not to be had on this platform',
} as const;

/** The code of a {@link UserError}. */
export type ErrorCode = keyof typeof errorCodes;

/** The parts of a message that tells users how to help themselves. */
export interface UserErrorParts {
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** What was being done: "reading the label map". */
  readonly doing: string;
  /** Which file, address or option. */
  readonly where?: string;
  /** What was found there. */
  readonly found: string;
  /** What was expected instead. */
  readonly expected?: string;
  /** What to do about it. */
  readonly remedy: string;
}

/**
 * Bad input, or a device that cannot do what is asked: the message says what was being done, what was found, what was expected,
 * and what to do; the same is in {@link parts}, and {@link code} says it for programs. Programming errors stay ordinary
 * `TypeError`s and `RangeError`s, and what a signal aborts rejects with its reason.
 *
 * @example
 * ```ts
 * try {
 *   await loadGenerator('missing.onnx');
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 *   console.log(error.code, error.parts.found, error.parts.remedy); // FILE_NOT_FOUND …
 * }
 * ```
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;
  readonly parts: UserErrorParts;

  constructor(parts: UserErrorParts, options?: ErrorOptions) {
    const { doing, where, found, expected, remedy } = parts;
    const lines = [`Error while ${doing}${where === undefined ? '' : `: ${where}`}`, `  found:    ${found}`];
    if (expected !== undefined) lines.push(`  expected: ${expected}`);
    lines.push(`  remedy:   ${remedy}`);
    super(lines.join('\n'), options);
    this.code = parts.code;
    this.parts = parts;
  }
}

/** What an error that was caught says, for the part `found`. ONNX Runtime throws numbers too. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** An error in a form that survives a structured clone. */
export type Failure =
  | { readonly kind: 'user'; readonly parts: UserErrorParts }
  | { readonly kind: 'other'; readonly name: string; readonly message: string };

/** An error in a form that can be sent to another thread. */
export function toFailure(error: unknown): Failure {
  if (error instanceof UserError) return { kind: 'user', parts: error.parts };
  const name = error instanceof Error ? error.name : 'Error';
  return { kind: 'other', name, message: reasonOf(error) };
}

const ordinary: Readonly<Record<string, ErrorConstructor>> = { TypeError, RangeError };

/** The error again, with its class. */
export function fromFailure(failure: Failure): Error {
  if (failure.kind === 'user') return new UserError(failure.parts);
  return new (ordinary[failure.name] ?? Error)(failure.message);
}
