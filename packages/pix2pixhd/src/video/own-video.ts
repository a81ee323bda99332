/**
 * The mark of videos that this program made: an element that players skip, at the end of the file. A program that edits and
 * saves the video drops the mark; the file is then the user's own. (Metadata would stay with whatever ffmpeg makes of the video.)
 * In MP4 it is a `free` box (ISO/IEC 14496-12, 8.1.2), in Matroska a Void element (RFC 8794, 11.3.2), which the Segment has to
 * include. Depends on the file system.
 */
import { appendFileSync, closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/** Containers that are written. */
export type Container = 'mp4' | 'mkv';

const software = Buffer.from('Software\0pix2pixhd', 'latin1');

const marks: Readonly<Record<Container, Buffer>> = {
  mp4: Buffer.concat([Buffer.from([0, 0, 0, 8 + software.length]), Buffer.from('free', 'latin1'), software]),
  mkv: Buffer.concat([Buffer.from([0xec, 0x80 | software.length]), software]),
};

/** Adds the mark to a finished video, as ffmpeg writes it. */
export function markVideo(path: string, container: Container): void {
  appendFileSync(path, marks[container]);
  if (container === 'mkv') lengthenSegment(path, marks.mkv.length);
}

/** Where the Segment begins, after an EBML header of less than a hundred bytes: its id, and its size in 8 bytes. */
const segmentId = Buffer.from([0x18, 0x53, 0x80, 0x67]);
const sizeMark = 1n << 56n;

/** @throws Error where there is no Segment of known size: ffmpeg has written something else. */
function lengthenSegment(path: string, bytes: number): void {
  const file = openSync(path, 'r+');
  try {
    const start = Buffer.alloc(256);
    readSync(file, start, 0, start.length, 0);
    const at = start.indexOf(segmentId) + segmentId.length;
    const size = at < segmentId.length ? 0n : start.readBigUInt64BE(at);
    // All ones: of unknown size, which ends with the file.
    if (size >> 56n !== 1n || size === 2n * sizeMark - 1n)
      throw new Error(`${path}: no Matroska segment of known size`);
    start.writeBigUInt64BE(size + BigInt(bytes), at);
    writeSync(file, start, at, 8, at);
  } finally {
    closeSync(file);
  }
}

/** Whether a file ends with the mark. `false` if it cannot be read. */
export function isMarkedVideo(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      return Object.values(marks).some(mark => {
        const found = Buffer.alloc(mark.length);
        readSync(file, found, 0, mark.length, Math.max(0, size - mark.length));
        return found.equals(mark);
      });
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
