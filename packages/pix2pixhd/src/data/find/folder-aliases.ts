/**
 * Folders that hold the files of a role under another name or in another place: `Train_A`, `labels/train`, `train/images`.
 * Depends on the roles' own names.
 */
import { type DatasetLayout, folderNames, type Phase, type Role, rolesOf } from './layout.js';

/** A folder that should be elsewhere; paths relative to the dataroot. */
export interface Move {
  readonly of: Role;
  readonly from: string;
  readonly to: string;
}

/** Names of a role in other data sets: singular, lower case, without separators. */
const ALIASES: Readonly<Record<Exclude<Role, 'image'> | 'photo' | 'b', readonly string[]>> = {
  label: [
    ...['label', 'labelmap', 'labelid', 'seg', 'segmap', 'segmentation', 'semantic', 'mask', 'annotation', 'ann'],
    ...['gt', 'gtfine'],
  ],
  instance: ['inst', 'instance', 'instancemap', 'instanceid'],
  features: ['feat', 'feature'],
  source: ['a', 'input', 'source', 'src', 'edge', 'sketch', 'sketche', 'domaina'],
  photo: ['img', 'image', 'photo', 'image', 'jpegimage', 'leftimg8bit', 'rgb', 'real', 'target'],
  b: ['b', 'output', 'target', 'real', 'domainb', 'img', 'image', 'photo'],
};

const PHASES: Readonly<Record<string, readonly string[]>> = {
  train: ['training'],
  val: ['valid', 'validation'],
  test: ['testing'],
};

/**
 * Where the roles of a layout that are not in place may be found instead.
 *
 * @param folders the folders of a dataroot, and those in them as `outer/inner`.
 */
export function findMoves(folders: readonly string[], phase: Phase, layout: DatasetLayout): readonly Move[] {
  const taken = new Set<string>();
  return rolesOf(layout).flatMap(of => {
    const names = folderNames(phase, of, layout.labelNc);
    if (names.some(name => folders.includes(name))) return [];
    const from = folders.find(folder => !taken.has(folder) && means(folder, phase, of, layout.labelNc));
    if (from === undefined) return [];
    taken.add(from);
    return [{ of, from, to: names[0]! }];
  });
}

function means(folder: string, phase: Phase, role: Role, labelNc: number): boolean {
  const aliases = ALIASES[role === 'image' ? (labelNc > 0 ? 'photo' : 'b') : role];
  const phases = [phase.toLowerCase(), ...(PHASES[phase.toLowerCase()] ?? [])].map(plain);
  const name = plain(folder);
  const words = phases.flatMap(p => [
    name.startsWith(p) && name.slice(p.length),
    name.endsWith(p) && name.slice(0, -p.length),
  ]);
  return words.some(word => word !== false && aliases.includes(singular(word)));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ./]/g, '');
}

function singular(word: string): string {
  return word.length > 1 ? word.replace(/s$/, '') : word;
}
