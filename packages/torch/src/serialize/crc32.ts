/**
 * The checksum of zip archives (CRC-32, polynomial 0xEDB88320 reflected). Depends on Node's zlib where it has one.
 */

import * as zlib from 'node:zlib';

/** The table-driven CRC, for Node before 20.15, which has none of its own. */
export function crc32ByTable(bytes: Uint8Array): number {
  const table = (crcTable ??= makeTable());
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

let crcTable: Uint32Array | undefined;

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });
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
