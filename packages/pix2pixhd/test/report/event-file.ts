/**
 * Reads event files without the libraries that write them: records with a bitwise CRC-32C, messages by the wire format of
 * protocol buffers.
 */
import assert from 'node:assert/strict';

/** CRC-32C by its definition: Castagnoli's polynomial, reflected, a bit at a time. */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function masked(data: Uint8Array): number {
  const crc = BigInt(crc32c(data));
  const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
  return Number((rotated + 0xa282ead8n) & 0xffffffffn);
}

/** The data of all complete records; stops where the file is cut off, and fails if a checksum is wrong. */
export function readRecords(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at + 12 <= file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    assert.equal(file.readUInt32LE(at + 8), masked(file.subarray(at, at + 8)), `checksum of the length at ${at}`);
    const end = at + 12 + length;
    if (end + 4 > file.length) break;
    const data = file.subarray(at + 12, end);
    assert.equal(file.readUInt32LE(end), masked(data), `checksum of the data at ${at}`);
    records.push(data);
    at = end + 4;
  }
  return records;
}

/** A field as stored: a varint, or the bytes of any other type. */
export interface Field {
  readonly id: number;
  readonly value: number | Buffer;
}

/** The fields of a message, in stored order. */
export function readFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number): Buffer => message.subarray(at, (at += length));
  while (at < message.length) {
    const key = varint();
    const wire = key & 7;
    const id = key >>> 3;
    if (wire === 0) fields.push({ id, value: varint() });
    else if (wire === 1) fields.push({ id, value: bytes(8) });
    else if (wire === 2) fields.push({ id, value: bytes(varint()) });
    else if (wire === 5) fields.push({ id, value: bytes(4) });
    else assert.fail(`wire type ${wire}`);
  }
  return fields;
}

/** The only field with that number; undefined if there is none. */
export function field(message: Buffer, id: number): number | Buffer | undefined {
  const found = readFields(message).filter(one => one.id === id);
  assert.ok(found.length <= 1, `field ${id} once`);
  return found[0]?.value;
}

/** The same for a field that must exist and hold bytes: a message, a string, a floating-point number. */
export function bytesOf(message: Buffer, id: number): Buffer {
  const value = field(message, id);
  assert.ok(Buffer.isBuffer(value), `field ${id} holds bytes`);
  return value;
}
