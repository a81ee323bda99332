/**
 * A folder that is made once: complete or not at all, with a manifest of how it was made, so that the same call returns at
 * once and a different one is an error. Depends on the file system.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { UserError } from 'pix2pixhd';
import { makeFolder } from 'pix2pixhd/internal';

/** What the folder is made of: plain data, the same for every call that wants the same folder. */
export interface Recipe {
  /** Incremented when the same settings give different files. */
  readonly version: number;
  /** Width and height of the images in pixels. */
  readonly size: number;
}

/** What `dataset.json` holds. The recipe tells whether the folder is the one asked for. */
interface Manifest<Counts> {
  readonly about: string;
  readonly recipe: Recipe;
  readonly counts: Counts;
}

const MANIFEST = 'dataset.json';

/**
 * Makes the folder `out` and its `dataset.json`, or returns the counts stored there if it exists.
 *
 * @param about a sentence for people who open the manifest.
 * @param write fills the folder it is passed, and returns the counts to store: plain data.
 * @throws UserError where the folder holds something else.
 */
export async function makeFolderOnce<Counts>(
  out: string,
  about: string,
  recipe: Recipe,
  write: (folder: string) => Promise<Counts>,
): Promise<Counts> {
  const before = alreadyMade<Counts>(out, recipe);
  if (before !== undefined) return before;

  makeFolder(dirname(resolve(out)));
  removeAbandoned(out);
  const beside = `${resolve(out)}.${process.pid}.partial`;
  try {
    mkdirSync(beside);
    const counts = await write(beside);
    const manifest: Manifest<Counts> = { about, recipe, counts };
    writeFileAtomic(join(beside, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    return putInPlace<Counts>(beside, out, recipe) ?? counts;
  } catch (error) {
    // Node does not name the file when writing fails, as on a full disk.
    if (error instanceof Error && 'syscall' in error && !('path' in error)) Object.assign(error, { path: out });
    throw error;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** The stored counts if the folder is the one asked for; `undefined` if there is none yet. */
function alreadyMade<Counts>(out: string, recipe: Recipe): Counts | undefined {
  if (!existsSync(out) || readdirSync(out).length === 0) return undefined;
  const manifest = readManifest<Counts>(out);
  if (manifest !== undefined && JSON.stringify(manifest.recipe) === JSON.stringify(recipe)) return manifest.counts;
  throw new UserError({
    code: 'OUTPUT_REFUSED',
    doing: 'making the data set of emoji',
    where: out,
    found: manifest === undefined ? 'a folder that holds other files' : 'a data set of emoji made with other settings',
    expected: `no such folder, or the emoji at ${recipe.size}×${recipe.size}`,
    remedy: manifest === undefined ? 'choose another folder' : 'delete the folder, or choose another one',
  });
}

function readManifest<Counts>(out: string): Manifest<Counts> | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(out, MANIFEST), 'utf8')) as Partial<Manifest<Counts>>;
    return manifest.recipe !== undefined && manifest.counts !== undefined ? (manifest as Manifest<Counts>) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what killed processes left beside the folder, but nothing of running ones. */
function removeAbandoned(out: string): void {
  const folder = dirname(resolve(out));
  for (const entry of readdirSync(folder)) {
    const match = /^(.*)\.(\d+)\.partial$/.exec(entry);
    if (match?.[1] === basename(out) && !isRunning(Number(match[2]))) {
      rmSync(join(folder, entry), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Moves the finished folder to its place, or returns the counts of another process that was faster. */
function putInPlace<Counts>(beside: string, out: string, recipe: Recipe): Counts | undefined {
  try {
    renameSync(beside, out);
    return undefined;
  } catch (error) {
    const other = alreadyMade<Counts>(out, recipe);
    if (other === undefined) throw error;
    return other;
  }
}
