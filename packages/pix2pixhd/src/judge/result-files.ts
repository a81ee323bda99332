/**
 * `judge/`: from folders of images to figures: which image belongs to which, what is compared, what it gives, how sure it is. It
 * knows nothing of generators, options or pages.
 *
 * This file finds the images of a folder by stem. Depends on data/find.
 */
import { existsSync, statSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { leftOutLine } from '../data/find/left-out.js';
import { listFolder } from '../data/find/listing.js';
import { stemOf } from '../data/find/stems.js';
import { UserError } from '../errors.js';

/** What a folder holds: results of a method, real images, inputs, or label maps. */
export type FolderOf = 'results' | 'real' | 'input' | 'labels';

/**
 * Endings of names by which public programs tell their images apart, in folders that hold several kinds: of pix2pixHD, of
 * pix2pix and CycleGAN, of others. The first that any file has counts.
 */
const ENDINGS: Readonly<Record<FolderOf, readonly string[]>> = {
  results: ['_synthesized_image', '_fake_B', '_fake_A', '_generated', '_fake'],
  real: ['_real_B', '_real'],
  input: ['_input_label', '_real_A', '_input'],
  labels: [],
};

/** The images of one method, or the real ones. */
export interface ImageFolder {
  readonly path: string;
  /** Stem → file. */
  readonly files: ReadonlyMap<string, string>;
  /** The ending that the files have and their stems have not; empty where they have none. */
  readonly ending: string;
  /** How many other images the folder holds, which do not have the ending. */
  readonly others: number;
}

/**
 * Lists a folder. Stems are those of data sets: the path below the folder without its extension; where a file has one of the
 * {@link ENDINGS}, only files with it count, and their stems are without it.
 *
 * @param option the option that named it, for errors; `outputs` are folders of results, which are not entered.
 * @param warn called with a line that says which files are not read.
 * @throws UserError where it is not there, holds no images, or two of one name.
 */
export function imagesIn(
  path: string,
  { of, option, outputs }: { readonly of: FolderOf; readonly option: string; readonly outputs: readonly string[] },
  warn: (line: string) => void,
): ImageFolder {
  const problem = (code: 'FILE_NOT_FOUND' | 'NO_IMAGES' | 'DUPLICATE_NAME', found: string, remedy: string) =>
    new UserError({ code, doing: `reading ${option}`, where: path, found, expected: 'a folder of images', remedy });
  if (!existsSync(path)) throw problem('FILE_NOT_FOUND', 'no such folder', 'check the path');
  if (!statSync(path).isDirectory()) throw problem('NO_IMAGES', 'a file', 'give the folder that it is in');
  const { files, leftOut } = listFolder(path, 'images', outputs);
  const line = leftOutLine(leftOut);
  if (line !== undefined) warn(line);
  if (files.size === 0) throw problem('NO_IMAGES', 'no images', 'check the path');
  const all = [...files.values()].flat();
  const ending = ENDINGS[of].find(text => all.some(file => bareName(file).endsWith(text))) ?? '';
  const chosen = new Map<string, string>();
  for (const file of all) {
    if (!bareName(file).endsWith(ending)) continue;
    const name = relative(path, file);
    const stem = ending === '' ? stemOf(name) : withoutExtension(name).slice(0, -ending.length);
    const other = chosen.get(stem);
    if (other !== undefined)
      throw problem('DUPLICATE_NAME', `two images of one name: ${other} and ${file}`, 'remove or rename one of them');
    chosen.set(stem, file);
  }
  return { path, files: chosen, ending, others: all.length - chosen.size };
}

function bareName(file: string): string {
  return withoutExtension(basename(file));
}

function withoutExtension(path: string): string {
  const stem = path.replace(/\.[^./\\]+$/, '');
  return stem.replaceAll('\\', '/').normalize('NFC');
}
