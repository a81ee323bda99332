/**
 * The framing of TensorBoard's event files, which are TFRecord files: length, checksum, data, checksum. Depends on crc-32.
 */
import crc32c from 'crc-32/crc32c.js';

const lengthBytes = 8;
const checksumBytes = 4;

/**
 * One record: the length of the data (uint64), the masked CRC-32C of those eight bytes, the data, and its masked CRC-32C;
 * numbers are little-endian.
 */
export function encodeRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(lengthBytes + checksumBytes + data.length + checksumBytes);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedChecksum(record.subarray(0, lengthBytes)), lengthBytes);
  record.set(data, lengthBytes + checksumBytes);
  record.writeUInt32LE(maskedChecksum(data), record.length - checksumBytes);
  return record;
}

/**
 * The format's checksum: CRC-32C rotated right by 15 bits plus a constant, since the CRC of data that contains its own CRC
 * says little.
 */
function maskedChecksum(data: Uint8Array): number {
  const crc = crc32c.buf(data) >>> 0;
  const rotated = ((crc >>> 15) | (crc << 17)) >>> 0;
  return (rotated + 0xa282ead8) >>> 0;
}
