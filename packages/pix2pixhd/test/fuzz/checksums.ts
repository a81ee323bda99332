/**
 * Right checksums for damaged files: without them most damage is found by the checksum, and what reads behind it is never
 * put to the test. Depends on the CRC that all these formats have.
 */
import { deflateSync } from 'node:zlib';
import CRC32 from 'crc-32';

const crc32 = (bytes: Uint8Array) => CRC32.buf(bytes) >>> 0;

/** A PNG of a header and rows that need not belong together, with a palette. */
export function pngOf(header: Uint8Array, rows: Uint8Array): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const palette = chunk('PLTE', Buffer.alloc(12, 'colours'));
  const chunks = [chunk('IHDR', header), palette, chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return withPngChecksums(Buffer.concat([signature, ...chunks]));
}

/** Gives every chunk of a PNG, as far as there are such, its right checksum. */
export function withPngChecksums(bytes: Buffer): Buffer {
  const mended = Buffer.from(bytes);
  for (let at = 8; at + 12 <= mended.length; ) {
    const end = at + 8 + mended.readUInt32BE(at);
    if (end + 4 > mended.length) break;
    mended.writeUInt32BE(crc32(mended.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return mended;
}

/**
 * Puts another pickle into an archive that PyTorch, or this package, wrote, where `data.pkl` is the first entry: cut or
 * filled up to the length of the one before.
 */
export function withPickle(archive: Buffer, pickle: Uint8Array): Buffer {
  const changed = Buffer.from(archive);
  const begin = 30 + changed.readUInt16LE(26) + changed.readUInt16LE(28);
  const directory = changed.indexOf('PK\x01\x02', begin, 'latin1');
  const size = changed.readUInt32LE(directory + 24);
  changed.fill(0, begin, begin + size);
  changed.set(pickle.subarray(0, size), begin);
  for (const at of [14, directory + 16]) changed.writeUInt32LE(crc32(changed.subarray(begin, begin + size)), at);
  return changed;
}

/** The pickle of such an archive. */
export function pickleOf(archive: Buffer): Buffer {
  const begin = 30 + archive.readUInt16LE(26) + archive.readUInt16LE(28);
  const directory = archive.indexOf('PK\x01\x02', begin, 'latin1');
  return archive.subarray(begin, begin + archive.readUInt32LE(directory + 24));
}
