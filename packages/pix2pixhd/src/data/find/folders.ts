/**
 * The folders of a dataset and the files in them. Depends on the file system, their names and the one listing.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DatasetLayout, folderNames, type Phase, type Role } from './layout.js';
import { type Listing, listFolder } from './listing.js';
import { missingFolder } from './missing-folder.js';

/** One data folder and what is in it. */
export interface RoleFolder extends Listing {
  readonly role: Role;
  readonly path: string;
}

/**
 * Find the folder of one role. Returns `undefined` when it is absent and `optional`; otherwise throws a
 * {@link UserError} that says what was looked for, what is there, and what to do.
 */
export function openFolder(
  dataroot: string,
  phase: Phase,
  role: Role,
  layout: DatasetLayout,
  optional: boolean,
): RoleFolder | undefined {
  const path = findFolder(dataroot, phase, role, layout.labelNc);
  if (path !== undefined) return { role, path, ...listFolder(path, role === 'features' ? 'features' : 'images') };
  if (optional) return undefined;
  throw missingFolder(dataroot, phase, role, layout);
}

/** The path of a role's folder, where it is there. */
export function findFolder(dataroot: string, phase: Phase, role: Role, labelNc: number): string | undefined {
  const name = folderNames(phase, role, labelNc).find(candidate => existsSync(join(dataroot, candidate)));
  return name === undefined ? undefined : join(dataroot, name);
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
