/**
 * Cityscapes (Cordts et al., CVPR 2016) as it is published: label maps, instance maps, colours and polygons of a city in
 * one folder, photographs in another. Depends on the roles' names.
 */

import { shellWord } from '../../shell-word.js';
import { type DatasetLayout, folderNames, type Phase, type Role, rolesOf } from './layout.js';

const PLACES: Readonly<Partial<Record<Role, readonly [outer: string, pattern: string]>>> = {
  label: ['gtFine', '*_gtFine_labelIds.png'],
  instance: ['gtFine', '*_gtFine_instanceIds.png'],
  image: ['leftImg8bit', '*_leftImg8bit.png'],
};

/**
 * How its files are sorted into the folders of a layout; `undefined` where these are not the folders of Cityscapes.
 *
 * @param folders the folders of the dataroot, and those in them as `outer/inner`.
 */
export function sortCityscapes(
  dataroot: string,
  folders: readonly string[],
  phase: Phase,
  layout: DatasetLayout,
): string | undefined {
  if (layout.labelNc === 0 || !folders.includes(`gtFine/${phase}`)) return undefined;
  const commands = rolesOf(layout).flatMap(role => {
    const name = folderNames(phase, role, layout.labelNc)[0]!;
    const [outer, pattern] = PLACES[role] ?? [];
    if (folders.includes(name) || !folders.includes(`${outer}/${phase}`)) return [];
    return [`mkdir ${name} && find ${outer}/${phase} -name "${pattern}" -exec mv {} ${name} ";"`];
  });
  return `these are the folders of Cityscapes; sort their files by name: cd ${shellWord(dataroot)} && ${commands.join(' && ')}`;
}
