/**
 * The mark by which a PNG file of this program is known again: a tEXt chunk that names the software (PNG specification,
 * 11.3.3.2), right after the header. A file that was saved by another program has lost it, and is its user's own then.
 * Depends on the file system.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import crc32 from 'crc-32';

/** Signature and IHDR, which comes first in every PNG file. */
const headerBytes = 8 + 25;

const mark = textChunk('Software', 'pix2pixhd');

/** The PNG file with the mark in it; its pixels are untouched. */
export function markedPng(png: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, headerBytes), mark, png.subarray(headerBytes)]);
}

/** Whether a file is a PNG that {@link markedPng} made. `false` where it cannot be read. */
export function isMarkedPng(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const found = Buffer.alloc(mark.length);
      readSync(file, found, 0, found.length, headerBytes);
      return found.equals(mark);
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

/** Length, type, `keyword NUL text`, and the CRC of all but the length. */
function textChunk(keyword: string, text: string): Buffer {
  const body = Buffer.from(`tEXt${keyword}\0${text}`, 'latin1');
  const chunk = Buffer.alloc(4 + body.length + 4);
  chunk.writeUInt32BE(body.length - 'tEXt'.length, 0);
  body.copy(chunk, 4);
  chunk.writeInt32BE(crc32.buf(body), 4 + body.length);
  return chunk;
}
