/**
 * Writes zip archives of stored entries whose data is aligned, as PyTorch maps it into memory; with zip64 beyond 4 GiB.
 * Depends on the checksum. Format: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3.
 */

import { crc32 } from './crc32.js';

const all32 = 0xffffffff;
const all16 = 0xffff;
const alignment = 64;
/** The extra field that PyTorch's own writer pads with ("FB"). */
const paddingId = 0x4246;
/** 1 January 1980, the earliest date of the zip format: equal contents give equal files. */
const noDate = 0x21;
const utf8Names = 1 << 11;
const versionPlain = 20;
const versionZip64 = 45;

/** One file of an archive. */
export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file in the archive, as the directory lists it. */
export interface PlacedFile {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  /** Offset of its local header. */
  readonly offset: number;
}

/**
 * The bytes of an archive, in chunks; the files' own bytes are yielded without copying.
 * Every file's data starts at a multiple of 64 bytes.
 */
export function* zipChunks(files: Iterable<ZipFile>): Iterable<Uint8Array> {
  const placed: PlacedFile[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const file: PlacedFile = { name, size: bytes.byteLength, crc: crc32(bytes), offset };
    const header = localHeader(file);
    yield header;
    yield bytes;
    placed.push(file);
    offset += header.byteLength + bytes.byteLength;
  }
  yield zipDirectory(placed, offset);
}

/** The header before a file's data, padded so that the data is aligned. */
export function localHeader({ name, size, crc, offset }: PlacedFile): Uint8Array {
  const utf8 = new TextEncoder().encode(name);
  const long = size >= all32;
  const zip64 = long ? zip64Field([size, size]) : [];
  const unpadded = 30 + utf8.byteLength + zip64.length + 4;
  const padding = (alignment - ((offset + unpadded) % alignment)) % alignment;
  const stored = long ? all32 : size;
  return new ByteList()
    .u32(0x04034b50)
    .u16(long ? versionZip64 : versionPlain, utf8Names, 0, 0, noDate)
    .u32(crc, stored, stored)
    .u16(utf8.byteLength, zip64.length + 4 + padding)
    .bytes(utf8)
    .bytes(zip64)
    .u16(paddingId, padding)
    .bytes(new Uint8Array(padding))
    .take();
}

/** The central directory and the end record of an archive. @param offset where the directory starts. */
export function zipDirectory(files: readonly PlacedFile[], offset: number): Uint8Array {
  const list = new ByteList();
  for (const file of files) centralHeader(list, file);
  const bytes = list.length;
  if (files.length >= all16 || bytes >= all32 || offset >= all32) {
    list
      .u32(0x06064b50)
      .u64(44)
      .u16(versionZip64, versionZip64)
      .u32(0, 0)
      .u64(files.length, files.length, bytes, offset)
      .u32(0x07064b50, 0)
      .u64(offset + bytes)
      .u32(1);
  }
  const count = Math.min(files.length, all16);
  return list
    .u32(0x06054b50)
    .u16(0, 0, count, count)
    .u32(Math.min(bytes, all32), Math.min(offset, all32))
    .u16(0)
    .take();
}

function centralHeader(list: ByteList, { name, size, crc, offset }: PlacedFile): void {
  const utf8 = new TextEncoder().encode(name);
  const longFields = [...(size >= all32 ? [size, size] : []), ...(offset >= all32 ? [offset] : [])];
  const zip64 = zip64Field(longFields);
  const version = longFields.length > 0 ? versionZip64 : versionPlain;
  const stored = Math.min(size, all32);
  list
    .u32(0x02014b50)
    .u16(version, version, utf8Names, 0, 0, noDate)
    .u32(crc, stored, stored)
    .u16(utf8.byteLength, zip64.length, 0, 0, 0)
    .u32(0, Math.min(offset, all32))
    .bytes(utf8)
    .bytes(zip64);
}

/** The extra field with the numbers that do not fit 32 bits; empty if there are none. */
function zip64Field(values: readonly number[]): Uint8Array {
  const list = new ByteList();
  if (values.length > 0) list.u16(1, values.length * 8).u64(...values);
  return list.take();
}

/** A buffer of consecutive little-endian fields. */
class ByteList {
  #bytes = new Uint8Array(256);
  length = 0;

  u16(...values: number[]): this {
    for (const value of values) this.#append(2).setUint16(0, value, true);
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.#append(4).setUint32(0, value, true);
    return this;
  }

  u64(...values: number[]): this {
    for (const value of values) this.#append(8).setBigUint64(0, BigInt(value), true);
    return this;
  }

  bytes(values: ArrayLike<number>): this {
    this.#append(values.length);
    this.#bytes.set(values, this.length - values.length);
    return this;
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  #append(count: number): DataView {
    const at = this.length;
    this.length += count;
    if (this.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return new DataView(this.#bytes.buffer, at, count);
  }
}
