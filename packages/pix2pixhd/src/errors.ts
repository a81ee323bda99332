/**
 * The one error a user meets. Depends on `printable.ts`; any module may throw it, the command line prints it.
 */
import { printable, printableLines } from './printable.js';

/**
 * What would fix an error, where the words for it depend on the command that was run: training has an option for
 * the number of classes, generating another checkpoint. The command line knows the words (`cli/advice.ts`); `remedy` has
 * those of training. Plain data, since errors cross threads.
 */
export type Advice =
  /** A label map has ids up to `needed` − 1. */
  | { readonly kind: 'more-classes'; readonly needed: number; readonly classes: number }
  /** An image has other channels than the network takes or makes. */
  | {
      readonly kind: 'channels';
      readonly option: '--input-nc' | '--output-nc';
      readonly found: number;
      readonly wanted: number;
    }
  /** The values of an image need a range. */
  | { readonly kind: 'range'; readonly option: '--input-range' | '--output-range' }
  /** The folders are those of the other layout: `PHASE_A` instead of `PHASE_label`, or the other way round. */
  | { readonly kind: 'layout'; readonly found: 'images' | 'labels' }
  /** The folder of the instance maps is missing. */
  | { readonly kind: 'no-instances'; readonly folder: string }
  /** The folder of the precomputed features is missing. */
  | { readonly kind: 'no-features'; readonly folder: string }
  /** A feature map does not fit the run. */
  | { readonly kind: 'feature-map' }
  /** The run cannot be made where it was to be. */
  | { readonly kind: 'place-of-run' }
  /** A run of that name is there, or a folder with other files. */
  | { readonly kind: 'run-exists'; readonly path: string; readonly isRun: boolean }
  /** A checkpoint cannot be read; `older` is the one before it that is intact, if there is one. */
  | { readonly kind: 'checkpoint-damaged'; readonly older?: { readonly path: string; readonly step: number } }
  /** Memory has run out. */
  | { readonly kind: 'no-memory' }
  /** The losses diverged; `from` is the step of the last checkpoint that is not affected, if there is one. */
  | { readonly kind: 'diverged'; readonly from: number | null };

/**
 * What can go wrong, for programs, which should not have to read sentences: the code of every {@link UserError}, with what
 * it means. Codes stay; the words of a message may change. docs/scripting.md has the same table.
 *
 * @example
 * ```ts
 * console.log(errorCodes.LABEL_OUT_OF_RANGE);
 * ```
 */
export const errorCodes = {
  BAD_COMMAND: 'there is no such command',
  BAD_OPTION: 'an option is unknown, missing, or has a value that is not accepted',
  OPTION_CONFLICT: 'two options contradict each other',
  OPTION_MISMATCH: 'an option contradicts what the run or its checkpoint was trained with',

  DATASET_NOT_FOUND: 'the dataset, or one of its folders, is not there',
  NO_IMAGES: 'nothing that can be read is where images should be',
  FILE_NOT_FOUND: 'a file that was named is not there',
  FILE_UNREADABLE: 'a file is damaged, or of another kind than it should be',
  PARTNER_MISSING: 'a file lacks the one that belongs to it: an instance map, an image',
  DUPLICATE_NAME: 'two files have the name of one sample',
  NOT_AN_ID_MAP: 'a label map or instance map holds colours, or is stored in a way that changes ids',
  LABEL_OUT_OF_RANGE: 'a label map has ids outside the classes',
  SIZE_MISMATCH: 'images that belong together differ in size',
  WRONG_CHANNELS: 'an image has another number of channels than the network',
  IMAGE_UNSUITABLE: 'an image cannot be used as it is: too small, CMYK, values outside their range',
  FEATURES_UNSUITABLE: 'style features cannot be used: another shape, or not finite',
  INPUTS_FAILED: 'some of many inputs could not be used; the others were',

  RUN_NOT_FOUND: 'there is no such run',
  RUN_EXISTS: 'a run of that name, or a folder with other files, is there',
  RUN_IN_USE: 'another process writes into the run, or serves the study',
  RUN_DAMAGED: 'a file of the run cannot be read',
  RUN_TOO_NEW: 'a later version of pix2pixhd wrote the run',
  CHECKPOINT_NOT_FOUND: 'the run does not have that checkpoint',
  CHECKPOINT_DAMAGED: 'a checkpoint is damaged',
  CHECKPOINT_UNSUITABLE: 'a file is not a checkpoint of pix2pixhd, or does not fit',
  WEIGHTS_MISMATCH: 'weights do not fit the network that the options describe',
  SEGMENTER_UNSUITABLE: 'a segmenter takes or gives something else than its description says',
  NO_ENCODER: 'the network was not trained with styles, or without an encoder',
  STYLES_MISSING: 'the checkpoint has no styles yet',
  STYLE_INVALID: 'a style, or a file of styles, cannot be understood',
  TRAINING_DIVERGED: 'losses stay non-finite',
  NOT_EXPORTABLE: 'the public code has no such network',

  STUDY_NOT_FOUND: 'there is no such study, or it has no experiment',
  STUDY_DAMAGED: 'a file of a study cannot be read',

  DEVICE_UNAVAILABLE: 'the device cannot be used for this',
  OUT_OF_MEMORY: 'memory has run out',
  OUTPUT_REFUSED: 'something would be overwritten, or written among the inputs',
  CANNOT_LISTEN: 'a server cannot listen at that address and port',
  CANNOT_WRITE: 'a file or folder cannot be written',
  FILE_SYSTEM: 'the file system refused something else',
  DOWNLOAD_FAILED: 'a download failed',
  THREAD_ENDED: 'a thread that decodes images has ended',
  NOT_INSTALLED: 'an npm package or a program that this needs is not installed',
} as const;

/** The code of a {@link UserError}. */
export type ErrorCode = keyof typeof errorCodes;

/** The parts of a message that tells users how to help themselves. */
export interface UserErrorParts {
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** What was being done: "reading the label map". */
  readonly doing: string;
  /** Which file, folder or option: a path or `--label-nc`. */
  readonly where?: string;
  /** What was found there. */
  readonly found: string;
  /** What was expected instead. */
  readonly expected?: string;
  /** What to do about it: a command, an option, a change to the data. */
  readonly remedy: string;
  /** What {@link remedy} says, for commands that have other words for it. */
  readonly advice?: Advice;
}

/**
 * Bad input or a bad environment: the message says what was being done, what was found, what was expected, and what to do; the
 * same is in {@link parts}, and {@link code} says it for programs. Exit code 1, or 2 where the command line itself was wrong
 * ({@link UsageError}). Programming errors stay ordinary `Error`s.
 *
 * @example
 * ```ts
 * try {
 *   await loadGenerator('checkpoints/no-such-run');
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 *   console.log(error.code, error.parts.found, error.parts.remedy); // RUN_NOT_FOUND …
 * }
 * ```
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly exitCode: number = 1;
  readonly code: ErrorCode;
  readonly parts: UserErrorParts;

  constructor(parts: UserErrorParts, options?: ErrorOptions) {
    super(formatParts(parts), options);
    this.code = parts.code;
    this.parts = parts;
  }

  /** The same error with another remedy, for callers that have other words for it. */
  withRemedy(remedy: string): UserError {
    const parts = { ...this.parts, remedy };
    const options = { cause: this.cause ?? this };
    const own = this instanceof UsageError ? new UsageError(parts, options) : new UserError(parts, options);
    if (this.stack !== undefined) own.stack = this.stack.replace(this.message, () => own.message);
    return own;
  }
}

/**
 * The options were wrong: unknown, missing, contradictory, or with a value that is not accepted. Exit code 2.
 *
 * @example
 * ```ts
 * try {
 *   await train({ dataroot: 'data/city', name: 'city', ngf: -1 });
 * } catch (error) {
 *   if (!(error instanceof UsageError)) throw error;
 *   console.log(error.parts.where, error.parts.expected); // ngf, a whole number, at least 1
 * }
 * ```
 */
export class UsageError extends UserError {
  override readonly name: string = 'UsageError';
  override readonly exitCode: number = 2;
}

/** What an error that was caught says, for the part `found`. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function formatParts({ doing, where, found, expected, remedy }: UserErrorParts): string {
  const place = where === undefined ? '' : `: ${printable(where)}`;
  const lines = [`Error while ${printable(doing)}${place}`, `  found:    ${indented(found)}`];
  if (expected !== undefined) lines.push(`  expected: ${indented(expected)}`);
  lines.push(`  remedy:   ${indented(remedy)}`);
  return lines.join('\n');
}

/** Lines after the first are indented further, so that none of them can pass for a part of the message. */
function indented(text: string): string {
  return printableLines(text).replace(/\n(?! {4})/g, '\n    ');
}
