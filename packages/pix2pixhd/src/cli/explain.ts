/**
 * Errors of the machine in words for its user: a file system that refuses, memory that is not there. They can come from
 * anywhere below, so they are translated in the one place that prints errors. Depends on `errors.ts` only.
 */

import { UserError } from '../errors.js';

/** What to do about a refusal of the file system, by the system's name for it. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: 'change the permissions, or choose another folder',
  EPERM: 'change the permissions, or choose another folder',
  EROFS: 'choose a folder on a disk that can be written to',
  ENOSPC: 'make room on the disk, or choose a folder on another one',
  EDQUOT: 'make room in your quota, or choose a folder on another disk',
  ENOENT: 'check the path',
  ENOTDIR: 'check the path: a part of it is a file',
  EISDIR: 'check the path: it is a folder',
  EEXIST: 'choose another name: something that is no file has this one',
  ENAMETOOLONG: 'choose a shorter name',
  EMFILE: 'allow more open files: ulimit -n 4096',
  EIO: 'check the disk: it fails to read or write',
};

/** What libtorch, C++, CUDA and JavaScript say where memory runs out. */
const outOfMemory =
  /DefaultCPUAllocator: (can't allocate|not enough) memory|std::bad_alloc|CUDA out of memory|Array buffer allocation failed/;

/** The error to show for one that was thrown: a {@link UserError} where the machine is at fault, else the error itself. */
export function explained(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  if (outOfMemory.test(error.message)) return noMemory(error);
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  const remedy = code === undefined || syscall === undefined ? undefined : refusals[code];
  if (remedy === undefined) return error;
  const where = path === undefined ? {} : { where: path };
  return new UserError(
    { doing: 'reading or writing a file', ...where, found: error.message, remedy },
    { cause: error },
  );
}

function noMemory(cause: Error): UserError {
  const bytes = /tried to allocate (\d+) bytes/.exec(cause.message)?.[1];
  return new UserError(
    {
      doing: 'computing',
      found: `not enough memory${bytes === undefined ? '' : ` for ${(Number(bytes) / 2 ** 30).toFixed(2)} GiB more`}`,
      advice: { kind: 'no-memory' },
      remedy:
        'train with a smaller --load-size or --fine-size, --batch-size, --ngf or --ndf (pix2pixhd train --dry-run estimates the memory)',
    },
    { cause },
  );
}
