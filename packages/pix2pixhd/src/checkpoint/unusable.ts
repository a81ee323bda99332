/**
 * The error of a checkpoint that cannot be used, which names the one to take in its place. Depends on the search for it.
 */
import { existsSync } from 'node:fs';
import { FileFormatError } from '@pix2pixhd/torch';
import { UserError, type UserErrorParts } from '../errors.js';
import { findOlder, type WholeCheckpoint } from './older.js';

/** A checkpoint that cannot be read, or does not fit. */
export class UnusableCheckpoint extends UserError {
  readonly path: string;
  /** The one before it; undefined where there is none, or the file is not damaged. */
  readonly older: WholeCheckpoint | undefined;
  readonly damaged: boolean;

  constructor(path: string, cause: unknown) {
    const damaged = isDamage(cause) && existsSync(path);
    const older = damaged ? findOlder(path) : undefined;
    super(partsOf(path, cause, older, damaged), { cause });
    this.path = path;
    this.older = older;
    this.damaged = damaged;
  }
}

/** The error for what went wrong with a checkpoint; one that is already made for the user stays as it is. */
export function unusable(path: string, cause: unknown): UserError {
  return cause instanceof UserError ? cause : new UnusableCheckpoint(path, cause);
}

/** "step 500, every byte of it checked" */
export function describeOlder({ step, checksums }: WholeCheckpoint): string {
  return `step ${step}, ${checksums ? 'every byte of it checked' : 'of the right size; it has no checksums'}`;
}

/** A disk that fails to read is damage as well. */
function isDamage(cause: unknown): boolean {
  return cause instanceof FileFormatError || (cause as NodeJS.ErrnoException | undefined)?.code === 'EIO';
}

function partsOf(path: string, cause: unknown, older: WholeCheckpoint | undefined, damaged: boolean): UserErrorParts {
  const problem = cause instanceof FileFormatError ? cause.problem : cause instanceof Error ? cause.message : cause;
  const parts = {
    code: damaged ? 'CHECKPOINT_DAMAGED' : 'CHECKPOINT_UNSUITABLE',
    doing: 'reading a checkpoint',
    where: path,
    found: String(problem),
    expected: 'a whole file, as pix2pixhd train writes it',
    advice: {
      kind: 'checkpoint-damaged',
      ...(older !== undefined && { older: { path: older.path, step: older.step } }),
    },
  } as const;
  if (older !== undefined)
    return { ...parts, remedy: `take ${older.path} in its place (${describeOlder(older)}), or copy the file again` };
  if (damaged) return { ...parts, remedy: 'copy the file again; no older checkpoint beside it is whole' };
  return { ...parts, remedy: 'choose another checkpoint' };
}
