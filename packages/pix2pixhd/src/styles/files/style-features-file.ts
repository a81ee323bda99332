/**
 * The style features of an image as a NumPy file, for a training with `--load-features`. Depends on torch's files and the
 * output module.
 */
import { dirname, join } from 'node:path';
import { writeNpy } from '@pix2pixhd/torch';
import { reasonOf, UserError } from '../../errors.js';
import type { OutputGuard } from '../../output/guard.js';
import { makeFolder } from '../../output/make-folder.js';

/** The style features of one image. */
export interface ImageStyleFeatures {
  readonly stem: string;
  readonly width: number;
  readonly height: number;
  /** (featNum, H, W). */
  readonly styleFeatures: Float32Array;
}

/** The file of an image's style features: `FOLDER/STEM.npy`. */
export function styleFeaturesFile(folder: string, stem: string): string {
  return join(folder, `${stem}.npy`);
}

/**
 * Writes `FOLDER/STEM.npy`: float32 (featNum, height, width), as computed and not rounded to 8 bits.
 *
 * @param guard keeps the inputs, and files of others.
 * @throws UserError where nothing can be written there, or `guard` refuses.
 */
export function writeStyleFeatures(
  folder: string,
  { stem, width, height, styleFeatures }: ImageStyleFeatures,
  featNum: number,
  guard: OutputGuard,
): void {
  const file = styleFeaturesFile(folder, stem);
  const bytes = new Uint8Array(styleFeatures.buffer, styleFeatures.byteOffset, styleFeatures.byteLength);
  try {
    guard.claim(file);
    makeFolder(dirname(file));
    writeNpy(file, { dtype: 'float32', shape: [featNum, height, width], bytes });
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(
      {
        code: 'CANNOT_WRITE',
        doing: 'writing style features',
        where: file,
        found: reasonOf(cause),
        expected: 'a folder that can be written to',
        remedy: 'give --write-features another folder, or change the permissions',
      },
      { cause },
    );
  }
}
