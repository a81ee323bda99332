/**
 * The folders of a dataset and the files in them. Depends on the file system, their names and the one listing.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { type DatasetLayout, folderNames, type Phase, type Role } from './layout.js';
import { type Listing, listFolder } from './listing.js';
import { missingFolder } from './missing-folder.js';

/** One data folder and what is in it. */
export interface RoleFolder extends Listing {
  readonly role: Role;
  readonly path: string;
}

/**
 * Find the folder of one role, or of one of several inputs by its `name`. Returns `undefined` when it is absent and `optional`; otherwise throws a
 * {@link UserError} that says what was looked for, what is there, and what to do.
 */
export function openFolder(
  dataroot: string,
  phase: Phase,
  role: Role,
  layout: DatasetLayout,
  optional: boolean,
  name?: string,
): RoleFolder | undefined {
  const path =
    name === undefined
      ? findFolder(dataroot, phase, role, layout.labelNc)
      : firstThere(dataroot, [`${phase}_${name}`, `${phase}${name}`]);
  if (path !== undefined) return { role, path, ...listFolder(path, role === 'features' ? 'features' : 'images') };
  if (optional) return undefined;
  if (name !== undefined) throw missingInput(dataroot, phase, name);
  throw missingFolder(dataroot, phase, role, layout);
}

/** The path of a role's folder, where it is there. */
export function findFolder(dataroot: string, phase: Phase, role: Role, labelNc: number): string | undefined {
  return firstThere(dataroot, folderNames(phase, role, labelNc));
}

function firstThere(dataroot: string, names: readonly string[]): string | undefined {
  const name = names.find(candidate => existsSync(join(dataroot, candidate)));
  return name === undefined ? undefined : join(dataroot, name);
}

function missingInput(dataroot: string, phase: Phase, name: string): UserError {
  return new UserError({
    code: 'DATASET_NOT_FOUND',
    doing: 'looking for the data set',
    where: dataroot,
    found: `no folder ${phase}_${name}`,
    expected: `a folder for every one of --inputs: ${phase}_${name}/`,
    remedy: `put the images of this input into ${phase}_${name}/, or leave it out of --inputs`,
  });
}

/**
 * The folder of instance maps that lies unused beside images: with `labelNc` 0 the network is given the image alone,
 * whether or not there are instance maps. `undefined` where there is none, or it is used.
 */
export function unusedInstances(
  dataroot: string,
  phase: Phase,
  { labelNc, useInstance }: DatasetLayout,
): string | undefined {
  return labelNc === 0 && !useInstance ? findFolder(dataroot, phase, 'instance', labelNc) : undefined;
}
