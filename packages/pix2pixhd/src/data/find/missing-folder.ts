/**
 * A folder of the data set is not where it should be: what is there instead, and what to do about it. Depends on the file
 * system, the folders' names and the list of extensions.
 */
import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { type Advice, UserError } from '../../errors.js';
import { READABLE_EXTENSIONS } from '../files/extensions.js';
import { sortCityscapes } from './cityscapes.js';
import { findMoves, type Move } from './folder-aliases.js';
import { type DatasetLayout, folderNames, type Phase, type Role } from './layout.js';
import { splitPairs } from './side-by-side.js';
import { isLitter } from './walk.js';

const SHOWN = 12;

/** The error that says what was looked for, what is there, and what to do. */
export function missingFolder(dataroot: string, phase: Phase, role: Role, layout: DatasetLayout): UserError {
  const names = folderNames(phase, role, layout.labelNc);
  const doing = 'looking for the data set';
  const where = resolve(dataroot);
  const expected = names.map(name => `${name}/`).join(' or ');
  if (!existsSync(dataroot)) {
    const found = 'no such folder';
    return new UserError({
      code: 'DATASET_NOT_FOUND',
      doing,
      where,
      found,
      expected: `a folder with ${expected} in it`,
      remedy: 'check --dataroot',
    });
  }
  if (!statSync(dataroot).isDirectory()) {
    const found = 'a file, not a folder';
    return new UserError({
      code: 'DATASET_NOT_FOUND',
      doing,
      where,
      found,
      expected,
      remedy: `give the folder that has ${expected} in it`,
    });
  }
  const root = new Root(dataroot);
  return new UserError({
    code: 'DATASET_NOT_FOUND',
    doing,
    where,
    found: describe(root),
    expected,
    ...remedyFor(root, phase, role, layout),
  });
}

/** What lies in the dataroot, by name. */
class Root {
  readonly path: string;
  /** Folders, and their folders as `outer/inner`. */
  readonly folders: readonly string[];
  readonly below: readonly string[];
  readonly images: number;

  constructor(path: string) {
    this.path = path;
    const entries = entriesOf(path);
    this.folders = entries.filter(entry => isFolder(path, entry)).map(({ name }) => name);
    this.below = this.folders.flatMap(outer =>
      entriesOf(join(path, outer))
        .filter(entry => isFolder(join(path, outer), entry))
        .map(({ name }) => `${outer}/${name}`),
    );
    this.images = imagesOf(path).length;
  }
}

function describe({ folders, images }: Root): string {
  const more = folders.length > SHOWN ? ', …' : '';
  const parts = [
    ...(folders.length > 0 ? [`the folders ${folders.slice(0, SHOWN).join(', ')}${more}`] : []),
    ...(images > 0 ? [`${images} image(s) outside any folder`] : []),
  ];
  return parts.join(' and ') || 'no folders at all';
}

/** What to do, as training words it, and as data for commands that word it differently. */
interface Remedy {
  readonly remedy: string;
  readonly advice?: Advice;
}

const OTHER_KIND = {
  images: { kind: 'layout', found: 'images' },
  labels: { kind: 'layout', found: 'labels' },
} as const;

function remedyFor(root: Root, phase: Phase, role: Role, layout: DatasetLayout): Remedy {
  const { path, folders } = root;
  const name = folderNames(phase, role, layout.labelNc)[0]!;
  const has = (of: Role, labelNc: number) => folderNames(phase, of, labelNc).some(n => folders.includes(n));
  if (role === 'label' && has('source', 0))
    return { remedy: `these are the folders of image pairs: ${OPTIONS.images}`, advice: OTHER_KIND.images };
  if (role === 'source' && has('label', 1))
    return { remedy: `the folders hold label maps: ${OPTIONS.labels}`, advice: OTHER_KIND.labels };
  const elsewhere = [...folders, ...root.below];
  const cityscapes = sortCityscapes(path, elsewhere, phase, layout);
  if (cityscapes !== undefined) return { remedy: cityscapes };
  const moves = findMoves(elsewhere, phase, layout);
  if (moves.some(({ of }) => of === role)) return { remedy: inWords(moves) };
  if (role === 'features')
    return {
      remedy: `write them with pix2pixhd encode --name RUN --write-features ${name}, or leave --load-features out`,
      advice: { kind: 'no-features', folder: name },
    };
  if (role === 'instance')
    return {
      remedy: `give --no-instance, or put the instance maps into ${name}/`,
      advice: { kind: 'no-instances', folder: name },
    };
  const place = placeOf(root, phase, role, layout);
  if (place !== undefined) return { remedy: place };
  const other: DatasetLayout = { labelNc: layout.labelNc > 0 ? 0 : 1, useInstance: false };
  const otherMoves = role === 'image' ? [] : findMoves(elsewhere, phase, other);
  const otherKind = other.labelNc > 0 ? ('labels' as const) : ('images' as const);
  // Both folders of the other kind: one alone proves too little.
  if (otherMoves.length > 1)
    return { remedy: `${inWords(otherMoves)}, and ${OPTIONS[otherKind]}`, advice: OTHER_KIND[otherKind] };
  const split = role === 'image' ? undefined : splitPairs(path, phase, imagesOf);
  if (split !== undefined)
    return layout.labelNc > 0
      ? { remedy: `${split}; then ${OPTIONS.images}`, advice: OTHER_KIND.images }
      : { remedy: split };
  return {
    remedy: `put the ${role === 'image' ? 'target images' : `${role} images`} into ${name}/, or point --dataroot at the folder that has it`,
  };
}

const OPTIONS = {
  images: 'give --label-nc 0, and --no-instance where there are no instance maps',
  labels: 'give --label-nc with their number of classes',
};

/** The data set is complete, but in another folder or for another phase. */
function placeOf(
  { path, folders, below }: Root,
  phase: Phase,
  role: Role,
  { labelNc }: DatasetLayout,
): string | undefined {
  const names = folderNames(phase, role, labelNc);
  const here = resolve(path);
  if (names.includes(basename(here))) return `give --dataroot ${join(path, '..')}`;
  const deeper = below.find(folder => names.includes(basename(folder)));
  if (deeper !== undefined) return `give --dataroot ${join(path, dirname(deeper))}`;
  const ending = folderNames('', role, labelNc)[0]!;
  const phases = folders.filter(f => f.endsWith(ending) && f !== ending).map(f => f.slice(0, -ending.length));
  return phases.length === 0
    ? undefined
    : `give --phase ${phases.join(' or --phase ')}, or put the images into ${names[0]}/`;
}

function inWords(moves: readonly Move[]): string {
  const verb = moves.some(({ from }) => from.includes('/')) ? 'move' : 'rename';
  return `${verb} ${moves.map(({ from, to }) => `${from} to ${to}`).join(' and ')}`;
}

function entriesOf(folder: string): Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !isLitter(name));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // Looked at for advice only.
    return [];
  }
}

function isFolder(within: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statSync(join(within, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The images that lie in a folder itself, sorted. */
function imagesOf(folder: string): string[] {
  return entriesOf(folder)
    .filter(entry => !entry.isDirectory() && READABLE_EXTENSIONS.includes(extname(entry.name).toLowerCase()))
    .map(({ name }) => join(folder, name));
}
