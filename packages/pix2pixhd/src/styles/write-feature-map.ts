/**
 * Feature maps as files: what a training with precomputed features reads. Depends on torch's files and the file system.
 */
import { dirname, join } from 'node:path';
import { writeNpy } from '@pix2pixhd/torch';
import { UserError } from '../errors.js';
import type { OutputGuard } from '../output/guard.js';
import { makeFolder } from '../output/make-folder.js';
import type { FeatureMap } from './encode-set.js';

/** The file of an image's feature map: `FOLDER/STEM.npy`. */
export function featureFile(folder: string, stem: string): string {
  return join(folder, `${stem}.npy`);
}

/**
 * Writes `FOLDER/STEM.npy`: float32 (featNum, height, width), as computed and not rounded to 8 bits.
 *
 * @param guard keeps the inputs, and files of others.
 * @throws UserError where nothing can be written there, or `guard` refuses.
 */
export function writeFeatureMap(
  folder: string,
  { stem, width, height, features }: FeatureMap,
  featNum: number,
  guard: OutputGuard,
): void {
  const file = featureFile(folder, stem);
  const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
  try {
    guard.claim(file);
    makeFolder(dirname(file));
    writeNpy(file, { dtype: 'float32', shape: [featNum, height, width], bytes });
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(
      {
        code: 'CANNOT_WRITE',
        doing: 'writing a feature map',
        where: file,
        found: cause instanceof Error ? cause.message : String(cause),
        expected: 'a folder that can be written to',
        remedy: 'give --write-features another folder, or change the permissions',
      },
      { cause },
    );
  }
}
