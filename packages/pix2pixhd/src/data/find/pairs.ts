/**
 * Which images belong together: by stem, never by position. Depends on folders.ts.
 */
import { relative } from 'node:path';
import { UserError } from '../../errors.js';
import { READABLE_FORMATS } from '../files/extensions.js';
import { openFolder, type RoleFolder } from './folders.js';
import { type Layout, type Phase, type Role, rolesOf } from './layout.js';
import { type LeftOut, leftOutLine, namedFew } from './left-out.js';
import { stemOf } from './stems.js';

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
  /** Told, in one line, which files of the folders are left out, where there are any. */
  readonly warn?: (line: string) => void;
}

/** A stem that does not have one file in every folder. */
export interface Orphan {
  readonly stem: string;
  /** The files that are there. */
  readonly files: readonly string[];
  /** The folders without one. */
  readonly missing: readonly string[];
  /** Files of this stem that are in `missing` after all, but are not read. */
  readonly leftOut: readonly LeftOut[];
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
 * folder share a stem. Links to nothing are given as they are: who reads them says so.
 */
export function findSamples(dataroot: string, phase: Phase, options: FindOptions): readonly Sample[] {
  const { folders, samples, orphans, duplicates } = pairUp(dataroot, phase, options);
  const doing = `pairing the ${phase} files by name`;
  // Where photographs are not needed, nobody misses one.
  const needed = folders.filter(({ role }) => role !== 'image' || options.imageOptional !== true);
  const leftOut = needed.flatMap(folder => folder.leftOut);
  const double = duplicates[0];
  if (double !== undefined) {
    throw new UserError({
      code: 'DUPLICATE_NAME',
      doing,
      where: dataroot,
      found: `${duplicates.length} name(s) used twice in a folder: ${double.join(' and ')}`,
      expected: 'one file a name, whatever the extension',
      remedy: double.some(file => /_(labelIds|instanceIds)\./.test(file))
        ? 'keep *_labelIds.png in the folder of the label maps, *_instanceIds.png in that of the instance maps, and move the others away'
        : 'remove or rename one of them',
    });
  }
  if (orphans.length > 0) {
    throw new UserError({
      code: 'PARTNER_MISSING',
      doing,
      where: dataroot,
      found: `${orphans.length} file(s) without a partner:${orphans.slice(0, SHOWN).map(orphanLine).join('')}${orphans.length > SHOWN ? '\n    …' : ''}`,
      expected: 'the same name in every folder, but for extension and suffixes such as _gtFine_labelIds',
      remedy: `${orphans.flatMap(orphan => orphan.leftOut)[0]?.remedy ?? 'add the missing files or remove the lone ones'}; \`pix2pixhd check\` lists all of them`,
    });
  }
  if (samples.length === 0) {
    const first = leftOut[0];
    throw new UserError({
      code: 'NO_IMAGES',
      doing,
      where: folders.map(f => f.path).join(', '),
      found: first === undefined ? 'no images' : `nothing that is read: ${namedFew(leftOut)}`,
      expected: `${READABLE_FORMATS.join(', ')} files`,
      remedy: first?.remedy ?? 'put the images there, or check --dataroot',
    });
  }
  const line = leftOutLine(leftOut, `pix2pixhd check --dataroot ${dataroot}`);
  if (line !== undefined) options.warn?.(line);
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

  const leftOutByStem = new Map(
    required.map(({ path, leftOut }) => [path, new Map(leftOut.map(one => [stemOf(relative(path, one.file)), one]))]),
  );
  const samples: Sample[] = [];
  const orphans: Orphan[] = [];
  for (const stem of stems) {
    const lacking = required.filter(folder => !folder.files.has(stem));
    if (lacking.length > 0) {
      orphans.push({
        stem,
        files: required.flatMap(folder => folder.files.get(stem) ?? []),
        missing: lacking.map(folder => folder.path),
        leftOut: lacking.flatMap(folder => leftOutByStem.get(folder.path)!.get(stem) ?? []),
      });
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

function orphanLine({ files, missing, leftOut }: Orphan): string {
  const but = leftOut.length === 0 ? '' : `, where ${namedFew(leftOut)} is left out`;
  return `\n    ${files[0]} has none in ${missing.join(', ')}${but}`;
}
