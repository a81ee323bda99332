/**
 * Errors of the machine in the user's words: a file system that refuses, memory that has run out. They can come from
 * anywhere below, so they are translated in the one place that prints errors. Depends on `errors.ts` only.
 */

import { UserError } from '../errors.js';

/** What to do about a refusal of the file system, by the system's name for it. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: 'change the permissions, or choose another folder',
  EPERM: 'change the permissions, or choose another folder',
  EROFS: 'choose a folder on a disk that can be written to',
  ENOSPC: 'free space on the disk, or choose a folder on another one',
  EDQUOT: 'free space in your quota, or choose a folder on another disk',
  ENOENT: 'check the path',
  ENOTDIR: 'check the path: a part of it is a file',
  EISDIR: 'check the path: it is a folder',
  EEXIST: 'choose another name: something that is not a file has this one',
  ENAMETOOLONG: 'choose a shorter name',
  EMFILE: 'allow more open files: ulimit -n 4096',
  EIO: 'check the disk: it fails to read or write',
};

/** What the addon, libtorch, C++, CUDA, oneDNN and JavaScript say where memory runs out. */
const outOfMemory =
  /not enough memory|DefaultCPUAllocator: can't allocate memory|std::bad_alloc|CUDA out of memory|CUDA error: out of memory|Array buffer allocation failed|ENOMEM/;

/** The error to show for one that was thrown: a {@link UserError} where the machine is at fault, else the error itself. */
export function explained(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  if ((error as NodeJS.ErrnoException).code === 'OUT_OF_MEMORY' || outOfMemory.test(error.message))
    return noMemory(error);
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  const remedy = code === undefined || syscall === undefined ? undefined : refusals[code];
  if (remedy === undefined) return error;
  const where = path === undefined ? {} : { where: path };
  return new UserError(
    { code: 'FILE_SYSTEM', doing: 'reading or writing a file', ...where, found: error.message, remedy },
    { cause: error },
  );
}

function noMemory(cause: Error): UserError {
  return new UserError(
    {
      code: 'OUT_OF_MEMORY',
      doing: 'computing',
      found: notEnough(cause.message),
      advice: { kind: 'no-memory' },
      remedy:
        'use less memory: a smaller --load-size or --fine-size; a smaller --batch-size, with --accumulate for the effect of the larger one; --checkpointing, which takes a quarter to a third more time; a smaller --ngf or --ndf where the weights fill it (pix2pixhd train --dry-run estimates the memory)',
    },
    { cause },
  );
}

/** How much was asked for and how much is free, as far as the message says. The addon's own message says all of it. */
function notEnough(message: string): string {
  const own = /not enough memory.*/.exec(message)?.[0];
  if (own !== undefined) return own;
  const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  const libtorch = /tried to allocate (\d+) bytes/.exec(message)?.[1];
  if (libtorch !== undefined) return `not enough memory for a tensor of ${gibibytes(Number(libtorch))}`;
  const [, wanted] = /Tried to allocate ([\d.]+ [KMG]iB)/.exec(message) ?? [];
  const [, free] = /([\d.]+ [KMG]iB|[\d.]+ bytes) (?:is )?free/.exec(message) ?? [];
  if (wanted !== undefined)
    return `not enough memory on the GPU for a tensor of ${wanted}${free === undefined ? '' : `: ${free} are free`}`;
  return 'not enough memory';
}
