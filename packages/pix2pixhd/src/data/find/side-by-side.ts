/**
 * The data sets of pix2pix (Isola et al., CVPR 2017) as they are published: one folder per phase, and in each image A on
 * the left and B on the right. Depends on the file system and image-size: pairing is synchronous, which reading a header with
 * sharp (files/header.ts) is not.
 */
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { imageSize } from 'image-size';
import { shellWord } from '../../shell-word.js';
import type { Phase } from './layout.js';

/**
 * What to do with images in a folder of the phase, or in the dataroot itself, instead of in folders for A and B;
 * `undefined` where there are none.
 *
 * @param imagesOf the images of a folder.
 */
export function splitPairs(
  dataroot: string,
  phase: Phase,
  imagesOf: (folder: string) => readonly string[],
): string | undefined {
  const folder = [join(dataroot, phase), dataroot].find(candidate => imagesOf(candidate).length > 0);
  if (folder === undefined) return undefined;
  const images = imagesOf(folder);
  const given = basename(resolve(folder)) === phase;
  const root = given ? join(folder, '..') : folder;
  const [a, b] = [`${phase}_A`, `${phase}_B`];
  if (!isDouble(images[0]!)) {
    return `sort the images of ${folder} into ${join(root, a)} (the inputs) and ${join(root, b)} (the targets), under the same names`;
  }
  return `these are the side-by-side pairs of pix2pix; make a data set of them: ${preparing(root)}`;
}

/** The command that makes a data set of a folder, and what to do with it. */
export function preparing(folder: string): string {
  const plain = resolve(folder);
  const out = `${plain}-prepared`;
  return `pix2pixhd prepare ${shellWord(plain)} --out ${shellWord(out)}, and then give --dataroot ${shellWord(out)}`;
}

/** Whether an image is about twice as wide as high. */
function isDouble(file: string): boolean {
  try {
    const { width, height } = imageSize(readFileSync(file));
    return width / height > 1.8 && width / height < 2.2;
  } catch {
    return false;
  }
}
