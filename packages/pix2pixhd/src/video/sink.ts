/** Where the frames of a video go: one interface for the files of encode.ts and frame-folder.ts. Depends on `errors.ts`. */

import { reasonOf, UserError } from '../errors.js';
import type { Image8 } from '../raster.js';

/** Takes the frames of one video. Nothing is under its own name before it is finished. */
export interface FrameSink {
  write(image: Image8): Promise<void>;
  /** Puts what was written in its place. */
  finish(): Promise<void>;
  /** Removes what was written. Does nothing after {@link finish}. */
  discard(): Promise<void>;
}

/** Nothing can be written to a folder. */
export function cannotWrite(out: string, found: string, cause?: unknown): UserError {
  return new UserError(
    {
      code: 'CANNOT_WRITE',
      doing: 'writing the generated video',
      where: out,
      found,
      expected: 'a folder that can be written to, with space for the video',
      remedy: 'give --out another folder, or change the permissions',
    },
    { cause },
  );
}

/** Does something with the file system; what it refuses is a {@link cannotWrite}. */
export function writingTo<T>(out: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw cannotWrite(out, reasonOf(cause), cause);
  }
}
