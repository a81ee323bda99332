/**
 * The error for a checkpoint that cannot be used; it names an older one to use instead. Depends on the search for that one.
 */
import { existsSync } from 'node:fs';
import { FileFormatError } from '@pix2pixhd/torch';
import { UserError, type UserErrorParts } from '../errors.js';
import { findOlder, type IntactCheckpoint } from './older.js';

/** A checkpoint that cannot be read, or does not fit. */
export class UnusableCheckpoint extends UserError {
  readonly path: string;
  /** The newest older checkpoint that is intact; undefined if there is none, or if the file is not damaged. */
  readonly older: IntactCheckpoint | undefined;
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

/** Wraps what went wrong with a checkpoint; a UserError stays as it is. */
export function unusable(path: string, cause: unknown): UserError {
  return cause instanceof UserError ? cause : new UnusableCheckpoint(path, cause);
}

/** "step 500, every byte checked" */
export function describeOlder({ step, checksums }: IntactCheckpoint): string {
  return `step ${step}, ${checksums ? 'every byte checked' : 'of the right size; it has no checksums'}`;
}

/** A read error of the disk counts as damage too. */
function isDamage(cause: unknown): boolean {
  return cause instanceof FileFormatError || (cause as NodeJS.ErrnoException | undefined)?.code === 'EIO';
}

function partsOf(path: string, cause: unknown, older: IntactCheckpoint | undefined, damaged: boolean): UserErrorParts {
  if (damaged && /\.onnx$/i.test(path))
    return {
      code: 'CHECKPOINT_UNSUITABLE',
      doing: 'reading a checkpoint',
      where: path,
      found: 'an ONNX file, which this program writes and does not read',
      expected: 'a checkpoint, or generator.safetensors',
      remedy: 'give the run that it was exported from; ONNX Runtime runs the file itself (docs/onnx.md)',
    };
  const problem = cause instanceof FileFormatError ? cause.problem : cause instanceof Error ? cause.message : cause;
  const parts = {
    code: damaged ? 'CHECKPOINT_DAMAGED' : 'CHECKPOINT_UNSUITABLE',
    doing: 'reading a checkpoint',
    where: path,
    found: String(problem),
    expected: 'a complete file, as pix2pixhd train writes it',
    advice: {
      kind: 'checkpoint-damaged',
      ...(older !== undefined && { older: { path: older.path, step: older.step } }),
    },
  } as const;
  if (older !== undefined)
    return { ...parts, remedy: `use ${older.path} instead (${describeOlder(older)}), or copy the file again` };
  if (damaged) return { ...parts, remedy: 'copy the file again; no older checkpoint beside it is intact' };
  return { ...parts, remedy: 'choose another checkpoint' };
}
