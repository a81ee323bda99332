/**
 * `find/`: the folders of a data set, the files in them, and which of them belong together. It may import `files/`.
 *
 * This file pairs files: by stem, never by position. Depends on folders.ts.
 */
import { relative } from 'node:path';
import { UserError } from '../../errors.js';
import { READABLE_FORMATS_LISTED } from '../files/extensions.js';
import { openFolder, type RoleFolder } from './folders.js';
import { type DatasetLayout, type Phase, type Role, rolesOf } from './layout.js';
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
  /** The input image; of several the first. */
  readonly source?: string;
  /** All input images in the order of their channels, where there are several inputs. */
  readonly sources?: readonly string[];
  readonly image?: string;
}

/** All input images of a sample. */
export function sourcesOf({ source, sources }: Pick<Sample, 'source' | 'sources'>): readonly string[] {
  return sources ?? (source === undefined ? [] : [source]);
}

/** Samples that an epoch shows: pairs, or images of the larger of two domains. */
export function samplesPerEpoch(samples: readonly Sample[]): number {
  const of = (role: 'source' | 'image') => samples.filter(sample => sample[role] !== undefined).length;
  const unpaired = samples.some(({ label, source, image }) => image === undefined || (label ?? source) === undefined);
  return unpaired ? Math.max(of('source'), of('image')) : samples.length;
}

/** Options of {@link findSamples}. */
export interface FindOptions extends DatasetLayout {
  /** With `true`, a missing image (or image folder) is not an error: generating needs none. Without pairs neither folder is needed. */
  readonly imageOptional?: boolean;
  /** Called with one line that names the files that are not read, where there are any. */
  readonly warn?: (line: string) => void;
}

/** A stem that does not have one file in every folder. */
export interface Orphan {
  readonly stem: string;
  /** The files that are there. */
  readonly files: readonly string[];
  /** The folders without one. */
  readonly missing: readonly string[];
  /** Files with this stem that are in `missing`, but are not read. */
  readonly leftOut: readonly LeftOut[];
}

/** All results of pairing, faults included: `check` reports them, {@link findSamples} throws. */
export interface Pairing {
  readonly folders: readonly RoleFolder[];
  /** Complete samples, sorted by stem. */
  readonly samples: readonly Sample[];
  readonly orphans: readonly Orphan[];
  /** The folders that give no sample: all, where there is none; of folders without pairs, those without a file. */
  readonly empty: readonly RoleFolder[];
  /** Groups of files in one folder that share a stem. */
  readonly duplicates: readonly (readonly string[])[];
}

const SHOWN = 5;

/**
 * The samples of one phase of a data set, sorted by stem. Folders are NVIDIA's: `PHASE_label`, `PHASE_inst`,
 * `PHASE_img`, or with `labelNc` 0 `PHASE_A` and `PHASE_B` (`trainA`, `trainB` too); sub-folders are searched, and
 * become part of the stem.
 *
 * Broken links are returned like files: reading them gives the error.
 *
 * @throws UserError where a folder is missing or empty, a file has no partner, or two files of one folder share a stem.
 *
 * @example
 * ```ts
 * const samples = findSamples('data/city', 'train', { labelNc: 5, useInstance: true });
 * for (const { stem, label, instance, image } of samples) console.log(stem, label, instance, image);
 * ```
 */
export function findSamples(dataroot: string, phase: Phase, options: FindOptions): readonly Sample[] {
  const { folders, samples, orphans, duplicates, empty } = pairUp(dataroot, phase, options);
  const doing = `pairing the ${phase} files by name`;
  // Where images are not needed, those that are left out do not matter.
  const needed = folders.filter(({ role }) => role !== 'image' || options.imageOptional !== true);
  const leftOut = needed.flatMap(folder => folder.leftOut);
  const double = duplicates[0];
  if (double !== undefined) {
    throw new UserError({
      code: 'DUPLICATE_NAME',
      doing,
      where: dataroot,
      found: `${duplicates.length} name(s) used twice in a folder: ${double.join(' and ')}`,
      expected: 'one file per name, whatever its extension',
      remedy: double.some(file => /_(labelIds|instanceIds)\./.test(file))
        ? 'keep *_labelIds.png in the label folder and *_instanceIds.png in the instance folder, and move the others away'
        : 'remove or rename one of them',
    });
  }
  if (orphans.length > 0) {
    throw new UserError({
      code: 'PARTNER_MISSING',
      doing,
      where: dataroot,
      found: `${orphans.length} file(s) without a partner:${orphans.slice(0, SHOWN).map(orphanLine).join('')}${orphans.length > SHOWN ? '\n    …' : ''}`,
      expected: 'the same name in every folder, apart from the extension and suffixes such as _gtFine_labelIds',
      remedy: `${orphans.flatMap(orphan => orphan.leftOut)[0]?.remedy ?? 'add the missing files, or remove those without a partner'}; \`pix2pixhd check\` lists all of them`,
    });
  }
  if (empty.length > 0) {
    const first = empty.flatMap(folder => folder.leftOut)[0];
    throw new UserError({
      code: 'NO_IMAGES',
      doing,
      where: empty.map(f => f.path).join(', '),
      found: first === undefined ? 'no images' : `only files that are not read: ${namedFew(leftOut)}`,
      expected: `${READABLE_FORMATS_LISTED} files`,
      remedy: first?.remedy ?? 'put the images there, or check --dataroot',
    });
  }
  const line = leftOutLine(leftOut, `pix2pixhd check --dataroot ${dataroot}`);
  if (line !== undefined) options.warn?.(line);
  return samples;
}

/** Pair the files of one phase and report what does not fit. Throws only for missing folders. */
export function pairUp(dataroot: string, phase: Phase, options: FindOptions): Pairing {
  const imageOptional = options.imageOptional ?? false;
  const folders = rolesOf(options)
    .flatMap(role => {
      const names = role === 'source' ? (options.images ?? [undefined]) : [undefined];
      const optional = imageOptional && (role === 'image' || options.domains !== undefined);
      return names.map(name => openFolder(dataroot, phase, role, options, optional, name));
    })
    .filter(folder => folder !== undefined);
  const duplicates = folders.flatMap(folder => [...folder.files.values()].filter(files => files.length > 1));
  if (options.domains !== undefined) {
    const empty = folders.filter(({ files }) => files.size === 0);
    return { folders, samples: folders.flatMap(samplesOf), orphans: [], duplicates, empty };
  }
  const required = folders.filter(folder => !(imageOptional && folder.role === 'image'));
  // An image alone gives nothing to generate from, so optional images add no stems of their own.
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
      if (file !== undefined) paths[folder.role] ??= file;
    }
    const sources = folders.flatMap(({ role, files }) => (role === 'source' ? (files.get(stem)?.[0] ?? []) : []));
    samples.push({ stem, ...paths, ...(options.images !== undefined && sources.length > 0 && { sources }) });
  }
  return { folders, samples, orphans, duplicates, empty: samples.length === 0 ? folders : [] };
}

/** Every file of a folder as a sample of its own. */
function samplesOf({ role, files }: RoleFolder): Sample[] {
  return [...files.keys()].sort().map(stem => ({ stem, [role]: files.get(stem)![0] }));
}

function orphanLine({ files, missing, leftOut }: Orphan): string {
  const but = leftOut.length === 0 ? '' : `, where ${namedFew(leftOut)} is left out`;
  return `\n    ${files[0]} has no partner in ${missing.join(', ')}${but}`;
}
