/**
 * The mark of PNG files that this program made: a tEXt chunk that names the software (PNG specification, 11.3.3.2), right
 * after the header. A program that edits and saves the file drops the mark; the file is then the user's own.
 * Depends on `png.ts` and the file system.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { PNG_HEADER_BYTES, pngChunk } from '../png.js';

const mark = pngChunk('tEXt', Buffer.from('Software\0pix2pixhd', 'latin1'));

/** Adds the mark to a PNG file; its pixels are untouched. */
export function markedPng(png: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, PNG_HEADER_BYTES), mark, png.subarray(PNG_HEADER_BYTES)]);
}

/** Whether a file is a PNG with the mark. `false` if it cannot be read. */
export function isMarkedPng(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const found = Buffer.alloc(mark.length);
      readSync(file, found, 0, found.length, PNG_HEADER_BYTES);
      return found.equals(mark);
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
