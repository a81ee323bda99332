/**
 * One pair into a data set: its parts linked, or made and written. Depends on make.ts, the output module and the file system.
 */
import { copyFileSync, linkSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { temporaryName, writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { folderNames } from '../data/find/layout.js';
import { reasonOf, UserError } from '../errors.js';
import { makeFolder } from '../output/make-folder.js';
import { rasterFile } from '../output/raster-file.js';
import { writable } from '../raster.js';
import { begin, type Made, type MadePart, type Step } from './make.js';
import type { PartRole } from './raw-pair.js';
import type { SplitPair } from './split.js';

/** Where pairs go. */
export interface Destination {
  readonly out: string;
  /** Whether files are copied where they could be linked. */
  readonly copy: boolean;
  /** Whether there are label maps, which decides how the folder of the targets is called. */
  readonly labelled: boolean;
}

/** The files of a pair within the data set, and how many of them are second names of the originals. */
export interface PairFiles {
  readonly files: { readonly [role in PartRole]?: string };
  readonly linked: number;
}

/**
 * Makes and writes a pair.
 *
 * @throws CannotWrite where nothing can be written; what its files and steps throw.
 */
export async function writePair(
  pair: SplitPair,
  steps: readonly Step[],
  { out, copy, labelled }: Destination,
): Promise<PairFiles> {
  let made: Made = await begin(pair);
  for (const step of steps) made = await step(made, pair);
  const files: { [role in PartRole]?: string } = {};
  let linked = 0;
  for (const [role, part] of Object.entries(made) as [PartRole, MadePart][]) {
    const isLabelled = labelled || made.label !== undefined;
    const folder = folderNames(pair.phase, role, isLabelled ? 1 : 0)[0]!;
    const { file, wasLinked } = await write(part, out, join(folder, pair.stem), copy);
    files[role] = file;
    linked += Number(wasLinked);
  }
  return { files, linked };
}

/** Nothing more can be written. */
export class CannotWrite extends UserError {}

export function writing<T>(out: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new CannotWrite(
      {
        code: 'CANNOT_WRITE',
        doing: 'preparing a data set',
        where: out,
        found: reasonOf(cause),
        expected: 'a folder that can be written to, on a disk with room',
        remedy: 'give --out another folder, or change the permissions; what is done is kept',
      },
      { cause },
    );
  }
}

/** Writes a part as `place` with an extension. @returns its path within the data set. */
async function write(
  part: MadePart,
  out: string,
  place: string,
  copy: boolean,
): Promise<{ file: string; wasLinked: boolean }> {
  if (part.kind === 'file') {
    const file = `${place}${extname(part.file).toLowerCase()}`;
    return { file, wasLinked: writing(out, () => linkTo(resolve(part.file), join(out, file), copy)) };
  }
  const { bytes, extension } = await rasterFile(writable(part.pixels));
  const file = `${place}${extension}`;
  writing(out, () => {
    makeFolder(dirname(join(out, file)));
    writeFileAtomic(join(out, file), bytes);
  });
  return { file, wasLinked: false };
}

/** A second name of a file; a copy where there can be none, as on another disk. @returns whether it is a second name. */
function linkTo(from: string, to: string, copy: boolean): boolean {
  makeFolder(dirname(to));
  const beside = join(dirname(to), temporaryName(basename(to)));
  const linked = !copy && tryLink(from, beside);
  if (!linked) copyFileSync(from, beside);
  renameSync(beside, to);
  // Renaming one name of a file over another of the same does nothing, and leaves both.
  rmSync(beside, { force: true });
  return linked;
}

function tryLink(from: string, to: string): boolean {
  try {
    // Of a link the file that it leads to.
    linkSync(realpathSync(from), to);
    return statSync(to).isFile();
  } catch (error) {
    if (['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return false;
    throw error;
  }
}
