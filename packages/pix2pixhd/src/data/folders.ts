/**
 * The folders of a dataset and the files in them. Depends on the file system and stems.ts.
 */
import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { type Advice, UserError } from '../errors.js';
import { READABLE_EXTENSIONS } from './extensions.js';
import { stemOf } from './stems.js';

/** Part of the dataset: `train`, `test`, or a name of the user's own. */
export type Phase = string;

/** What a picture is to the network: class ids, instance ids, precomputed style features, the source image (A), or the photograph to be made. */
export type Role = 'label' | 'instance' | 'features' | 'source' | 'image';

/** One data folder and its readable files by stem. */
export interface RoleFolder {
  readonly role: Role;
  readonly path: string;
  /** Stem → the files that have it, sorted; more than one is a duplicate. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** Picture files in formats that cannot be read, such as BMP. */
  readonly unsupported: readonly string[];
}

/** Which roles a dataset has. */
export interface Layout {
  /** Number of classes of the label maps; 0 when the input is an image (folders A and B). */
  readonly labelNc: number;
  /** Whether instance maps are used. */
  readonly useInstance: boolean;
  /** Whether precomputed features are used; default false. */
  readonly useFeatures?: boolean;
}

const UNSUPPORTED_PICTURES = new Set(['.bmp', '.ppm', '.pgm', '.gif', '.jp2', '.exr', '.heic', '.avif', '.tga']);

/** Folder names of a role, the preferred first. With an image as input (`labelNc` 0) the images to be made are in B. */
export function folderNames(phase: Phase, role: Role, labelNc: number): readonly string[] {
  switch (role) {
    case 'label':
      return [`${phase}_label`];
    case 'instance':
      return [`${phase}_inst`];
    case 'features':
      return [`${phase}_feat`];
    case 'source':
      return [`${phase}_A`, `${phase}A`];
    case 'image':
      return labelNc > 0 ? [`${phase}_img`] : [`${phase}_B`, `${phase}B`];
  }
}

/** The roles a layout consists of, the conditioning one first. */
export function rolesOf({ labelNc, useInstance, useFeatures }: Layout): readonly Role[] {
  return [
    labelNc > 0 ? 'label' : 'source',
    ...(useInstance ? (['instance'] as const) : []),
    ...(useFeatures ? (['features'] as const) : []),
    'image',
  ];
}

/**
 * Find the folder of one role. Returns `undefined` when it is absent and `optional`; otherwise throws a
 * {@link UserError} that says what was looked for, what is there, and what to do.
 */
export function openFolder(
  dataroot: string,
  phase: Phase,
  role: Role,
  { labelNc }: Layout,
  optional: boolean,
): RoleFolder | undefined {
  const names = folderNames(phase, role, labelNc);
  const name = names.find(candidate => existsSync(join(dataroot, candidate)));
  if (name !== undefined) return listFolder(join(dataroot, name), role);
  if (optional) return undefined;
  throw missingFolder(dataroot, phase, role, names);
}

function listFolder(path: string, role: Role): RoleFolder {
  const files = new Map<string, string[]>();
  const unsupported: string[] = [];
  for (const file of walk(path)) {
    const extension = extname(file).toLowerCase();
    if (UNSUPPORTED_PICTURES.has(extension)) unsupported.push(file);
    if (!(role === 'features' ? ['.npy'] : READABLE_EXTENSIONS).includes(extension)) continue;
    const stem = stemOf(relative(path, file));
    const same = files.get(stem);
    if (same === undefined) files.set(stem, [file]);
    else same.push(file);
  }
  return { role, path, files, unsupported };
}

/** Every file below a folder, dot files left out, in a fixed order. */
function walk(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw new UserError(
      {
        doing: 'listing a data folder',
        where: folder,
        found: cause instanceof Error ? cause.message : String(cause),
        expected: 'a folder that can be read',
        remedy: 'check that it is a folder and that you may read it',
      },
      { cause },
    );
  }
  const names = entries.filter(e => !e.name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  return names.flatMap(e => {
    const path = join(folder, e.name);
    // A link to a folder is followed, as data sets are often linked into place; statting tells the two apart.
    return e.isDirectory() || (e.isSymbolicLink() && isFolder(path)) ? walk(path) : [path];
  });
}

function isFolder(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function missingFolder(dataroot: string, phase: Phase, role: Role, names: readonly string[]): UserError {
  const doing = 'looking for the data set';
  const expected = names.map(name => `${name}/`).join(' or ');
  if (!existsSync(dataroot)) {
    return new UserError({
      doing,
      where: resolve(dataroot),
      found: 'no such folder',
      expected: `a folder with ${expected} in it`,
      remedy: 'check --dataroot',
    });
  }
  const there = isFolder(dataroot)
    ? readdirSync(dataroot, { withFileTypes: true })
        .filter(e => !e.name.startsWith('.') && (e.isDirectory() || e.isSymbolicLink()))
        .map(e => e.name)
        .sort()
    : undefined;
  return new UserError({
    doing,
    where: resolve(dataroot),
    found:
      there === undefined
        ? 'a file, not a folder'
        : there.length === 0
          ? 'no folders at all'
          : `the folders ${there.slice(0, 12).join(', ')}${there.length > 12 ? ', …' : ''}`,
    expected,
    remedy: remedyFor(role, phase, names[0]!, there ?? []),
    ...adviceFor(role, phase, names[0]!, there ?? []),
  });
}

function remedyFor(role: Role, phase: Phase, name: string, there: readonly string[]): string {
  const has = (...candidates: string[]) => candidates.some(c => there.includes(c));
  const near = there.find(t => normalised(t) === normalised(name));
  if (near !== undefined) return `rename ${near} to ${name}`;
  if (role === 'label' && has(`${phase}_A`, `${phase}A`)) {
    return 'the folders are those of image pairs: give --label-nc 0, and --no-instance where there are no instance maps';
  }
  if (role === 'source' && has(`${phase}_label`))
    return 'the folders hold label maps: give --label-nc with their number of classes';
  if (role === 'features')
    return `write them with pix2pixhd encode --name RUN --write-features ${name}, or leave --load-features out`;
  if (role === 'instance') return `give --no-instance, or put the instance maps into ${name}/`;
  if (there.some(t => ['label', 'labels', 'img', 'images', 'a', 'b', 'train', 'test'].includes(t.toLowerCase()))) {
    return `name the folder ${name}: the phase first, then what it holds, next to the others`;
  }
  return `put the ${role === 'image' ? 'images to be made' : `${role} pictures`} into ${name}/, or point --dataroot at the folder that has it`;
}

/** The same as {@link remedyFor} where its words depend on the command. */
function adviceFor(role: Role, phase: Phase, name: string, there: readonly string[]): { advice?: Advice } {
  if (there.some(t => normalised(t) === normalised(name))) return {};
  if (role === 'label' && there.some(t => t === `${phase}_A` || t === `${phase}A`))
    return { advice: { kind: 'layout', found: 'pictures' } };
  if (role === 'source' && there.includes(`${phase}_label`)) return { advice: { kind: 'layout', found: 'labels' } };
  if (role === 'features') return { advice: { kind: 'no-features', folder: name } };
  return role === 'instance' ? { advice: { kind: 'no-instances', folder: name } } : {};
}

/** Folder names that differ only by case, separators or a plural are near misses. */
function normalised(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[-_ .]/g, '')
    .replace(/instances?$/, 'inst')
    .replace(/labels$/, 'label')
    .replace(/images?$|imgs$/, 'img');
}
