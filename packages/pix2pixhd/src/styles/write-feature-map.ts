/**
 * Feature maps as files: what a training with precomputed features reads. Depends on torch's files and the file system.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeNpy } from '@pix2pixhd/torch';
import { UserError } from '../errors.js';
import type { FeatureMap } from './encode-set.js';

/**
 * Writes `FOLDER/STEM.npy`: float32 (featNum, height, width), as computed and not rounded to 8 bits.
 *
 * @throws UserError where nothing can be written there.
 */
export function writeFeatureMap(folder: string, { stem, width, height, features }: FeatureMap, featNum: number): void {
  const file = join(folder, `${stem}.npy`);
  const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeNpy(file, { dtype: 'float32', shape: [featNum, height, width], bytes });
  } catch (cause) {
    throw new UserError(
      {
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
