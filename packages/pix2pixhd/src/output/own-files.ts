/**
 * The mark of image files that this program made: the tag that names the software, with a digest of all the rest of the file. Of
 * PNG it is a tEXt chunk (PNG specification, 11.3.3.2) right after the header. Programs that edit a file drop the tag, put their
 * own name there, or keep it, and then the digest is wrong: the file is the user's own. Depends on `png.ts`, Node's digests and the
 * file system.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { PNG_HEADER_BYTES, pngChunk } from '../png.js';

const SOFTWARE = 'pix2pixhd';
/** Hexadecimal digits of a digest. */
const DIGITS = 16;
const NO_DIGEST = '0'.repeat(DIGITS);

/** What the tag says until the file is there and {@link sealed}. */
export const UNSEALED = `${SOFTWARE} ${NO_DIGEST}`;

/** Of TIFF and JPEG the tags lie at the beginning of a file, of WebP at its end. */
const TAGS_WITHIN = 4096;
/** How TIFF, JPEG and WebP begin. */
const tagged = [/^II\*\0/, /^\xff\xd8\xff/, /^RIFF....WEBP/s];

/** Adds the mark to a PNG file; its pixels are untouched. */
export function markedPng(png: Buffer): Buffer {
  const [head, rest] = [png.subarray(0, PNG_HEADER_BYTES), png.subarray(PNG_HEADER_BYTES)];
  return Buffer.concat([head, pngMark(digestOf(head, rest)), rest]);
}

/**
 * Puts the digest into the mark of a TIFF, JPEG or WebP file, in place.
 *
 * @param file with the tag {@link UNSEALED}.
 * @returns the same file.
 */
export function sealed(file: Buffer): Buffer {
  const at = digestPlace(file);
  if (at === undefined) throw new Error('a file without the tag of its software cannot be sealed');
  file.write(digestAround(file, at), at, 'latin1');
  return file;
}

/** Whether a file has the mark, and is as it was written. `false` if it cannot be read. */
export function isMarked(path: string): boolean {
  try {
    if (!mayBeMarked(path)) return false;
    const file = readFileSync(path);
    return tagged.some(format => format.test(file.toString('latin1', 0, 16))) ? isSealed(file) : isMarkedPng(file);
  } catch {
    return false;
  }
}

/** Whether the name is where a mark has it: files of others are not read whole. */
function mayBeMarked(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const part = (from: number) => {
      const bytes = Buffer.alloc(TAGS_WITHIN);
      return bytes.subarray(0, readSync(file, bytes, 0, TAGS_WITHIN, from));
    };
    return part(0).includes(SOFTWARE) || part(Math.max(0, fstatSync(file).size - TAGS_WITHIN)).includes(SOFTWARE);
  } finally {
    closeSync(file);
  }
}

function isMarkedPng(file: Buffer): boolean {
  // As versions before November 2026 wrote it.
  const plain = pngMark();
  if (file.subarray(PNG_HEADER_BYTES, PNG_HEADER_BYTES + plain.length).equals(plain)) return true;
  const end = PNG_HEADER_BYTES + pngMark(NO_DIGEST).length;
  return markedPng(Buffer.concat([file.subarray(0, PNG_HEADER_BYTES), file.subarray(end)])).equals(file);
}

function isSealed(file: Buffer): boolean {
  const at = digestPlace(file);
  // A name without a digest is of versions before November 2026.
  return at === undefined || file.toString('latin1', at, at + DIGITS) === digestAround(file, at);
}

function pngMark(digest?: string): Buffer {
  return pngChunk('tEXt', Buffer.from(`Software\0${SOFTWARE}${digest === undefined ? '' : ` ${digest}`}`, 'latin1'));
}

/** Where the digest stands in a file's tag; undefined where it has none. */
function digestPlace(file: Buffer): number | undefined {
  for (const from of [0, Math.max(0, file.length - TAGS_WITHIN)]) {
    const found = /pix2pixhd [0-9a-f]{16}/.exec(file.toString('latin1', from, from + TAGS_WITHIN));
    if (found !== null) return from + found.index + SOFTWARE.length + 1;
  }
  return undefined;
}

function digestAround(file: Buffer, at: number): string {
  return digestOf(file.subarray(0, at), file.subarray(at + DIGITS));
}

function digestOf(...parts: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, DIGITS);
}
