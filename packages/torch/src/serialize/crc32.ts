/**
 * The checksum of zip archives (CRC-32, polynomial 0xEDB88320 reflected). Depends on Node's zlib, and on crc-32 for Node before
 * 20.15, whose zlib has none.
 */

import * as zlib from 'node:zlib';
import crc from 'crc-32';

/** zlib counts bytes in 32 bits. */
const maxBytesPerCall = 2 ** 30;

/** The CRC-32 of `bytes`, unsigned. */
export function crc32(bytes: Uint8Array): number {
  if (typeof zlib.crc32 !== 'function') return crc32InJavaScript(bytes);
  let value = 0;
  for (let start = 0; start < bytes.byteLength; start += maxBytesPerCall) {
    value = zlib.crc32(bytes.subarray(start, start + maxBytesPerCall), value);
  }
  return value;
}

/** {@link crc32} without zlib. */
export function crc32InJavaScript(bytes: Uint8Array): number {
  return crc.buf(bytes) >>> 0;
}
