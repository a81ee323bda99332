/**
 * A folder's files by the stems that pair them, and what in it is not read. Every command that walks a folder does it
 * here. Depends on the walk, and on the extensions and first bytes of files.
 */
import { basename, dirname, extname, join, relative } from 'node:path';
import { shellWord } from '../../shell-word.js';
import { READABLE_EXTENSIONS, READABLE_FORMATS, unreadFormat } from '../files/extensions.js';
import { formatByContent, isAnimatedGif } from '../files/signatures.js';
import type { LeftOut } from './left-out.js';
import { stemOf } from './stems.js';
import { type Other, walkFolder } from './walk.js';

/** What a folder holds. */
export interface Listing {
  /** Stem → the files that have it, sorted; more than one is a duplicate. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** Broken links among `files`, each with what is wrong. */
  readonly broken: ReadonlyMap<string, string>;
  /** Images that are not read, and links that are not followed. Texts and the like are not listed. */
  readonly leftOut: readonly LeftOut[];
}

/** What a folder should contain: images, or feature maps (.npy). */
export type Content = 'images' | 'features';

const FEATURE_EXTENSIONS: readonly string[] = ['.npy'];

/** Formats that ImageMagick does not turn into PNG by itself. */
const NEEDS_ITS_OWN_PROGRAM = new Set(['NumPy archive', 'MATLAB', 'DICOM', 'video', 'camera raw']);

/** Formats of floating point, which a PNG would cut off and bend. */
const FLOATING_POINT = new Set(['OpenEXR', 'Radiance HDR']);

/**
 * The files below a folder, sub-folders included.
 *
 * @param outputs folders for results, which are not entered.
 * @throws UserError where a folder cannot be listed.
 */
export function listFolder(folder: string, content: Content = 'images', outputs: readonly string[] = []): Listing {
  const files = new Map<string, string[]>();
  const broken = new Map<string, string>();
  const leftOut: LeftOut[] = [];
  const add = (file: string) => {
    const stem = stemOf(relative(folder, file));
    const same = files.get(stem);
    if (same === undefined) files.set(stem, [file]);
    else same.push(file);
  };
  const walked = walkFolder(folder, outputs);
  for (const file of walked.files) {
    const reason = whyNotRead(file, content);
    if (reason === undefined) add(file);
    else if (reason !== 'no data') leftOut.push({ file, ...reason, severity: 'warning' });
  }
  for (const other of walked.others) {
    // A broken link with an image's name stands for an image, so that its partner is not reported as an orphan.
    if (other.kind === 'broken-link' && isNamedFor(content, other.path)) {
      broken.set(other.path, other.found);
      add(other.path);
    } else if (isWorthNaming(other, content)) leftOut.push(ofOther(other));
  }
  return { files, broken, leftOut };
}

/** Why a single file, whatever its name, is not read; `undefined` where it may be readable. */
export function whyFileNotRead(file: string): Pick<LeftOut, 'found' | 'remedy'> | undefined {
  const format = formatByContent(file) ?? unreadFormat(extname(file));
  if (format === 'GIF') return whyGifNotRead(file);
  return format === undefined || READABLE_FORMATS.includes(format) ? undefined : unread(format, file);
}

function whyNotRead(file: string, content: Content): Pick<LeftOut, 'found' | 'remedy'> | 'no data' | undefined {
  const extension = extname(file).toLowerCase();
  if (isNamedFor(content, file)) return extension === '.gif' ? whyGifNotRead(file) : undefined;
  const format = formatByContent(file) ?? unreadFormat(extension);
  if (content === 'features') {
    const readable = format !== undefined || READABLE_EXTENSIONS.includes(extension);
    if (!readable) return 'no data';
    return { found: `${format ?? 'an image'}; feature maps are .npy files`, remedy: 'move it elsewhere' };
  }
  if (format === undefined) return 'no data';
  if (!READABLE_FORMATS.includes(format)) return unread(format, file);
  return {
    found: `${format} by its content, but ${extension === '' ? 'without an extension' : `named ${extension}`}`,
    remedy: `rename it to ${basename(file)}.${format === 'NumPy' ? 'npy' : format.toLowerCase()}`,
  };
}

function isNamedFor(content: Content, file: string): boolean {
  const extensions = content === 'features' ? FEATURE_EXTENSIONS : READABLE_EXTENSIONS;
  return extensions.includes(extname(file).toLowerCase());
}

function whyGifNotRead(file: string): Pick<LeftOut, 'found' | 'remedy'> | undefined {
  if (!isAnimatedGif(file)) return undefined;
  return { found: 'an animated GIF', remedy: 'save the frame that you need as PNG' };
}

function unread(format: string, file: string): Pick<LeftOut, 'found' | 'remedy'> {
  const found = `${format}, a format that is not read`;
  if (NEEDS_ITS_OWN_PROGRAM.has(format)) return { found, remedy: 'save it as PNG or TIFF' };
  if (FLOATING_POINT.has(format) || /\.pfm$/i.test(file))
    return {
      found,
      remedy: 'save its values as .npy or floating-point TIFF, as docs/own-data.md shows; PNG loses them',
    };
  return {
    found,
    remedy: `convert it to PNG, with ImageMagick: mogrify -format png ${shellWord(join(dirname(file), `*${extname(file)}`))}`,
  };
}

function isWorthNaming({ kind, path }: Other, content: Content): boolean {
  if (kind === 'link-back' || kind === 'own-output') return true;
  // Without an extension it may have been a whole folder.
  if (kind === 'broken-link' && extname(path) === '') return true;
  return isNamedFor(content, path) || unreadFormat(extname(path)) !== undefined;
}

function ofOther({ path: file, kind, found }: Other): LeftOut {
  switch (kind) {
    case 'broken-link':
      return { file, found, remedy: BROKEN_LINK_REMEDY, severity: 'error' };
    case 'link-back':
      return { file, found, remedy: 'remove the link', severity: 'warning' };
    case 'special':
      return { file, found, remedy: 'remove it', severity: 'warning' };
    case 'own-output':
      return { file, found, remedy: 'pass this folder itself if you want its images', severity: 'warning' };
  }
}

/** What to do about a broken link. */
export const BROKEN_LINK_REMEDY = 'restore what the link points to, or remove the link';
