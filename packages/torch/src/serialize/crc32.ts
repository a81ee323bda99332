/**
 * The checksum of zip archives (CRC-32, polynomial 0xEDB88320 reflected). Uses Node's zlib if that has one.
 */

import * as zlib from 'node:zlib';

/** CRC-32 eight bytes at a time by tables (Intel's slicing-by-8), for Node before 20.15, which has no zlib.crc32. */
export function crc32ByTable(bytes: Uint8Array): number {
  const table = (crcTables ??= makeTables());
  let crc = -1;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      table[0x700 + (crc & 0xff)]! ^
      table[0x600 + ((crc >>> 8) & 0xff)]! ^
      table[0x500 + ((crc >>> 16) & 0xff)]! ^
      table[0x400 + (crc >>> 24)]! ^
      table[0x300 + bytes[i + 4]!]! ^
      table[0x200 + bytes[i + 5]!]! ^
      table[0x100 + bytes[i + 6]!]! ^
      table[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}

let crcTables: Int32Array | undefined;

/** Eight tables of 256 entries: table k holds the CRC of each byte followed by k zero bytes. */
function makeTables(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    table[byte] = value;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!;
    table[i] = table[before & 0xff]! ^ (before >>> 8);
  }
  return table;
}

/** zlib counts bytes in 32 bits. */
const maxBytesPerCall = 2 ** 30;

/** The CRC-32 of `bytes`, unsigned. */
export function crc32(bytes: Uint8Array): number {
  if (typeof zlib.crc32 !== 'function') return crc32ByTable(bytes);
  let crc = 0;
  for (let start = 0; start < bytes.byteLength; start += maxBytesPerCall) {
    crc = zlib.crc32(bytes.subarray(start, start + maxBytesPerCall), crc);
  }
  return crc;
}
