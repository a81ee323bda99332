/**
 * The mark of image files that this program made: PNG's tEXt chunk that names the software (PNG specification, 11.3.3.2), right
 * after the header; of other formats the tag of that name. A program that edits and saves the file drops the mark, or puts its
 * own name there; the file is then the user's own. Depends on `png.ts` and the file system.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { PNG_HEADER_BYTES, pngChunk } from '../png.js';

/** What the tag says. */
export const SOFTWARE = 'pix2pixhd';

const mark = pngChunk('tEXt', Buffer.from(`Software\0${SOFTWARE}`, 'latin1'));
/** Of TIFF and JPEG the tags lie at the beginning of a file, of WebP at its end. */
const TAGS_WITHIN = 4096;

/** Adds the mark to a PNG file; its pixels are untouched. */
export function markedPng(png: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, PNG_HEADER_BYTES), mark, png.subarray(PNG_HEADER_BYTES)]);
}

/** Whether a file has the mark. `false` if it cannot be read. */
export function isMarked(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const part = (from: number, length: number) => {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(file, bytes, 0, length, from));
      };
      if (part(PNG_HEADER_BYTES, mark.length).equals(mark)) return true;
      const head = part(0, TAGS_WITHIN);
      if (!tagged.some(signature => signature.test(head.toString('latin1', 0, 16)))) return false;
      const tail = part(Math.max(0, fstatSync(file).size - TAGS_WITHIN), TAGS_WITHIN);
      return head.includes(SOFTWARE) || tail.includes(SOFTWARE);
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

/** How TIFF, JPEG and WebP begin. */
const tagged = [/^II\*\0/, /^\xff\xd8\xff/, /^RIFF....WEBP/s];
