/**
 * Cityscapes (Cordts et al., CVPR 2016) as it is published: label maps, instance maps, colours and polygons of a city in
 * one folder, photographs in another. Depends on the roles' names.
 */

import type { DatasetLayout, Phase } from './layout.js';
import { preparing } from './side-by-side.js';

/**
 * How its files are brought into the folders of a layout; `undefined` where these are not the folders of Cityscapes.
 *
 * @param folders the folders of the dataroot, and those in them as `outer/inner`.
 */
export function sortCityscapes(
  dataroot: string,
  folders: readonly string[],
  phase: Phase,
  { labelNc }: DatasetLayout,
): string | undefined {
  if (labelNc === 0 || !folders.includes(`gtFine/${phase}`)) return undefined;
  return `these are the folders of Cityscapes; make a data set of them: ${preparing(dataroot)}`;
}
