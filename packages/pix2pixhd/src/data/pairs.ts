/**
 * Which pictures belong together: by stem, never by position. Depends on folders.ts.
 */
import { UserError } from '../errors.js';
import { type Layout, openFolder, type Phase, type Role, type RoleFolder, rolesOf } from './folders.js';

/** The files of one scene. */
export interface Sample {
  /** The name the files share, folders included with `/`; unique in its data set. */
  readonly stem: string;
  readonly label?: string;
  readonly instance?: string;
  /** Precomputed style features, a .npy file. */
  readonly features?: string;
  readonly source?: string;
  readonly image?: string;
}

/** What {@link findSamples} is asked for. */
export interface FindOptions extends Layout {
  /** Generating needs no photographs: with `true`, a missing image (or image folder) is left out instead of refused. */
  readonly imageOptional?: boolean;
}

/** A stem that does not have one file in every folder. */
export interface Orphan {
  readonly stem: string;
  /** The files that are there. */
  readonly files: readonly string[];
  /** The folders without one. */
  readonly missing: readonly string[];
}

/** Everything pairing finds out, faults included; `check` reports it, {@link findSamples} refuses faults. */
export interface Pairing {
  readonly folders: readonly RoleFolder[];
  /** Complete samples, sorted by stem. */
  readonly samples: readonly Sample[];
  readonly orphans: readonly Orphan[];
  /** Groups of files in one folder that share a stem. */
  readonly duplicates: readonly (readonly string[])[];
}

const SHOWN = 5;

/**
 * The samples of one phase of a data set, sorted by stem. Folders are NVIDIA's: `PHASE_label`, `PHASE_inst`,
 * `PHASE_img`, or with `labelNc` 0 `PHASE_A` and `PHASE_B` (`trainA`, `trainB` too); sub-folders are searched, and
 * become part of the stem.
 *
 * Throws a {@link UserError} when a folder is missing or empty, when a file has no partner, or when two files of one
 * folder share a stem.
 */
export function findSamples(dataroot: string, phase: Phase, options: FindOptions): readonly Sample[] {
  const { folders, samples, orphans, duplicates } = pairUp(dataroot, phase, options);
  const doing = `pairing the ${phase} files by name`;
  const first = duplicates[0];
  if (first !== undefined) {
    throw new UserError({
      doing,
      where: dataroot,
      found: `${duplicates.length} name(s) used twice in a folder: ${first.join(' and ')}`,
      expected: 'one file a name, whatever the extension',
      remedy: 'remove or rename one of them',
    });
  }
  if (orphans.length > 0) {
    throw new UserError({
      doing,
      where: dataroot,
      found: `${orphans.length} file(s) without a partner:${orphans.slice(0, SHOWN).map(orphanLine).join('')}${orphans.length > SHOWN ? '\n    …' : ''}`,
      expected: 'the same name in every folder, but for extension and suffixes such as _gtFine_labelIds',
      remedy: 'add the missing files or remove the lone ones; `pix2pixhd check` lists all of them',
    });
  }
  if (samples.length === 0) {
    const unsupported = folders.flatMap(f => f.unsupported);
    throw new UserError({
      doing,
      where: folders.map(f => f.path).join(', '),
      found: unsupported.length > 0 ? `only formats that cannot be read, such as ${unsupported[0]}` : 'no pictures',
      expected: 'PNG, JPEG, WebP or TIFF files',
      remedy: unsupported.length > 0 ? 'convert them to PNG' : 'put the pictures there, or check --dataroot',
    });
  }
  return samples;
}

/** Pair the files of one phase and say what does not fit, without refusing it. Throws only for missing folders. */
export function pairUp(dataroot: string, phase: Phase, options: FindOptions): Pairing {
  const imageOptional = options.imageOptional ?? false;
  const folders = rolesOf(options)
    .map(role => openFolder(dataroot, phase, role, options, role === 'image' && imageOptional))
    .filter(folder => folder !== undefined);
  const required = folders.filter(folder => !(imageOptional && folder.role === 'image'));
  // A photograph alone is nothing to generate from, so where images are optional they make no stems of their own.
  const stems = [...new Set(required.flatMap(folder => [...folder.files.keys()]))].sort();

  const samples: Sample[] = [];
  const orphans: Orphan[] = [];
  for (const stem of stems) {
    const missing = required.filter(folder => !folder.files.has(stem)).map(folder => folder.path);
    if (missing.length > 0) {
      orphans.push({ stem, files: required.flatMap(folder => folder.files.get(stem) ?? []), missing });
      continue;
    }
    const paths: Partial<Record<Role, string>> = {};
    for (const folder of folders) {
      const file = folder.files.get(stem)?.[0];
      if (file !== undefined) paths[folder.role] = file;
    }
    samples.push({ stem, ...paths });
  }
  const duplicates = folders.flatMap(folder => [...folder.files.values()].filter(files => files.length > 1));
  return { folders, samples, orphans, duplicates };
}

function orphanLine({ files, missing }: Orphan): string {
  return `\n    ${files[0]} has none in ${missing.join(', ')}`;
}
