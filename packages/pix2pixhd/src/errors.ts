/**
 * The one error a user meets. Depends on `printable.ts`; any module may throw it, the command line prints it.
 */
import { printable, printableLines } from './printable.js';

/**
 * What would put an error right, where the words for it depend on the command that was run: training has an option for
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
  /** The folders are those of the other layout: `PHASE_A` in place of `PHASE_label`, or the other way round. */
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
  /** A checkpoint cannot be read; `older` is the one before it that is whole, if there is one. */
  | { readonly kind: 'checkpoint-damaged'; readonly older?: { readonly path: string; readonly step: number } }
  /** Memory has run out. */
  | { readonly kind: 'no-memory' }
  /** Losses grow out of all bounds; `from` is the step whose checkpoint is sound, if there is one. */
  | { readonly kind: 'diverged'; readonly from: number | null };

/** The parts of a message that lets a user help himself. */
export interface UserErrorParts {
  /** What went wrong, for programs. */
  readonly code?: string;
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
 * Bad input or a bad environment, said once and clearly. Exit code 1, or 2 where the command line itself was wrong
 * ({@link UsageError}). Programming errors stay ordinary `Error`s.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly exitCode: number = 1;
  readonly parts: UserErrorParts;

  constructor(parts: UserErrorParts, options?: ErrorOptions) {
    super(formatParts(parts), options);
    this.parts = parts;
  }
}

/** The command line was wrong: unknown option, bad value, missing argument. Exit code 2. */
export class UsageError extends UserError {
  override readonly name: string = 'UsageError';
  override readonly exitCode: number = 2;
}

function formatParts({ doing, where, found, expected, remedy }: UserErrorParts): string {
  const place = where === undefined ? '' : `: ${printable(where)}`;
  const lines = [`Error while ${printable(doing)}${place}`, `  found:    ${indented(found)}`];
  if (expected !== undefined) lines.push(`  expected: ${indented(expected)}`);
  lines.push(`  remedy:   ${indented(remedy)}`);
  return lines.join('\n');
}

/** Lines after the first stand further to the right, so that none of them can pass for a part of the message. */
function indented(text: string): string {
  return printableLines(text).replace(/\n(?! {4})/g, '\n    ');
}
