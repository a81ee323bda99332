/**
 * Reads zip archives by offset: the directory at the end first, then only the entries that are requested. Supports zip64,
 * for archives beyond 4 GiB. Nothing is ever extracted to the disk. Depends on the byte source, the checksum and Node's
 * inflate. Format: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3.
 */

import { inflateRawSync } from 'node:zlib';
import type { ByteSource } from './byte-source.js';
import { crc32 } from './crc32.js';
import { FileFormatError, quote } from './file-format-error.js';

const endBytes = 22;
const zip64LocatorBytes = 20;
const zip64EndBytes = 56;
const centralBytes = 46;
const localBytes = 30;
const maxCommentBytes = 0xffff;
/** A model has thousands of storages, of about 100 bytes each in the directory. */
const maxDirectoryBytes = 256 * 2 ** 20;
/** Deflate compresses 1032 to 1 at best; an entry that claims more is malicious. */
const maxDeflateRatio = 1032;
/**
 * How many bytes all compressed entries may inflate to: a constant plus a multiple of the file's size. torch.save compresses
 * nothing, and weights compressed later hardly shrink; an archive that grows many times is a zip bomb.
 */
const freeInflatedBytes = 64 * 2 ** 20;
const maxInflatedRatio = 1;

/** One file in the archive. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes when inflated. */
  readonly size: number;
  readonly packedSize: number;
  readonly deflated: boolean;
  readonly crc: number;
  readonly headerOffset: number;
}

/** The directory of an archive. */
export class ZipArchive {
  readonly #source: ByteSource;
  readonly entries: ReadonlyMap<string, ZipEntry>;

  /** @throws {FileFormatError} if the directory is damaged or names an entry twice, or entries overlap. */
  constructor(source: ByteSource) {
    this.#source = source;
    this.entries = readDirectory(source);
  }

  /** An entry's bytes, inflated and checked against its checksum. */
  read(entry: ZipEntry): Uint8Array {
    const packed = this.#source.read(this.dataOffset(entry), entry.packedSize);
    const bytes = entry.deflated ? this.#inflate(entry, packed) : packed;
    if (crc32(bytes) !== entry.crc) throw this.#checksumError(entry);
    return bytes;
  }

  /** Where a stored entry's bytes are in the file. */
  dataOffset(entry: ZipEntry): number {
    const header = viewOf(this.#source.read(entry.headerOffset, localBytes));
    if (header.getUint32(0, true) !== 0x04034b50) {
      throw new FileFormatError(this.#source.path, `is damaged: the zip entry ${quote(entry.name)} has no header`);
    }
    const nameBytes = header.getUint16(26, true);
    const name = decodeName(this.#source, this.#source.read(entry.headerOffset + localBytes, nameBytes));
    if (name !== entry.name) {
      throw new FileFormatError(
        this.#source.path,
        `is damaged: the zip directory names ${quote(entry.name)}, the entry itself ${quote(name)}`,
      );
    }
    return entry.headerOffset + localBytes + nameBytes + header.getUint16(28, true);
  }

  #inflate(entry: ZipEntry, packed: Uint8Array): Uint8Array {
    try {
      // The limit makes zlib stop if the entry inflates to more than it claims.
      const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
      if (bytes.byteLength !== entry.size) throw new RangeError(`inflates to ${bytes.byteLength} bytes`);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } catch (cause) {
      const problem = `is damaged: the zip entry ${quote(entry.name)} does not inflate to ${entry.size} bytes`;
      throw new FileFormatError(this.#source.path, problem, { cause });
    }
  }

  #checksumError(entry: ZipEntry): FileFormatError {
    return new FileFormatError(
      this.#source.path,
      `is damaged: the bytes of ${quote(entry.name)} do not match its checksum. Copy or download the file again; if it ` +
        'was saved with torch.serialization.set_crc32_options(False), save it again without that',
    );
  }
}

function readDirectory(source: ByteSource): Map<string, ZipEntry> {
  const { offset, bytes, count } = findDirectory(source);
  const entries = new Map<string, ZipEntry>();
  const directory = source.read(offset, bytes);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, next } = parseEntry(source, directory, at);
    at = next;
    if (entry.name.endsWith('/')) continue; // a folder
    checkName(source, entry.name);
    if (entries.has(entry.name)) {
      throw new FileFormatError(source.path, `has two zip entries named ${quote(entry.name)}; refused`);
    }
    entries.set(entry.name, entry);
  }
  checkOverlaps(source, [...entries.values()], offset);
  checkInflatedSize(source, [...entries.values()]);
  return entries;
}

/** Where the central directory is: from the record at the end, or from the zip64 record that it points to. */
function findDirectory(source: ByteSource): { offset: number; bytes: number; count: number } {
  const tailStart = Math.max(0, source.size - endBytes - maxCommentBytes);
  const tail = viewOf(source.read(tailStart, source.size - tailStart));
  let at = tail.byteLength - endBytes;
  while (at >= 0 && !(tail.getUint32(at, true) === 0x06054b50 && commentEndsFile(tail, at))) at--;
  if (at < 0) throw new FileFormatError(source.path, 'is cut short or damaged: the zip archive has no directory');
  let found = {
    count: tail.getUint16(at + 10, true),
    bytes: tail.getUint32(at + 12, true),
    offset: tail.getUint32(at + 16, true),
  };
  const end = tailStart + at;
  if (end >= zip64LocatorBytes) {
    const locator = viewOf(source.read(end - zip64LocatorBytes, zip64LocatorBytes));
    if (locator.getUint32(0, true) === 0x07064b50) found = readZip64End(source, readLong(source, locator, 8));
  }
  // Each entry also has a header before its bytes; without this check a file could be nothing but a directory.
  const fits = found.count * centralBytes <= found.bytes && found.count * localBytes <= found.offset;
  if (!fits || found.bytes > maxDirectoryBytes || found.offset + found.bytes > end) {
    throw new FileFormatError(source.path, 'is damaged: its zip directory does not fit the file');
  }
  return found;
}

/** The comment after the record must end at the end of the file; otherwise the four bytes are not its signature. */
function commentEndsFile(tail: DataView, at: number): boolean {
  return at + endBytes + tail.getUint16(at + 20, true) === tail.byteLength;
}

function readZip64End(source: ByteSource, offset: number): { offset: number; bytes: number; count: number } {
  const record = viewOf(source.read(offset, zip64EndBytes));
  if (record.getUint32(0, true) !== 0x06064b50) {
    throw new FileFormatError(source.path, 'is damaged: its zip64 directory record is missing');
  }
  return {
    count: readLong(source, record, 32),
    bytes: readLong(source, record, 40),
    offset: readLong(source, record, 48),
  };
}

function parseEntry(source: ByteSource, directory: Uint8Array, at: number): { entry: ZipEntry; next: number } {
  const damaged = () => new FileFormatError(source.path, 'is damaged: its zip directory is malformed');
  if (at + centralBytes > directory.length) throw damaged();
  const header = viewOf(directory.subarray(at));
  if (header.getUint32(0, true) !== 0x02014b50) throw damaged();
  const nameEnd = centralBytes + header.getUint16(28, true);
  const extraEnd = nameEnd + header.getUint16(30, true);
  const next = extraEnd + header.getUint16(32, true);
  if (next > header.byteLength) throw damaged();
  const name = decodeName(source, directory.subarray(at + centralBytes, at + nameEnd));
  const extra = viewOf(directory.subarray(at + nameEnd, at + extraEnd));
  const size = header.getUint32(24, true);
  const packedSize = header.getUint32(20, true);
  const headerOffset = header.getUint32(42, true);
  const [longSize, longPackedSize, longOffset] = readZip64Extra(source, extra, [size, packedSize, headerOffset]);
  const method = header.getUint16(10, true);
  if (header.getUint16(8, true) & 1) throw new FileFormatError(source.path, `has an encrypted entry ${quote(name)}`);
  if (method !== 0 && method !== 8) {
    throw new FileFormatError(
      source.path,
      `has the entry ${quote(name)} compressed by method ${method}; only stored and deflated entries are read`,
    );
  }
  const crc = header.getUint32(16, true);
  const entry: ZipEntry = {
    name,
    size: longSize!,
    packedSize: longPackedSize!,
    deflated: method === 8,
    crc,
    headerOffset: longOffset!,
  };
  const possible = entry.deflated ? entry.size <= entry.packedSize * maxDeflateRatio : entry.size === entry.packedSize;
  if (!possible)
    throw new FileFormatError(source.path, `has the entry ${quote(name)} with an impossible size; refused`);
  return { entry, next: at + next };
}

/** The zip64 field holds, in this order, the fields whose 32 bits are all ones. */
function readZip64Extra(source: ByteSource, extra: DataView, fields: readonly number[]): number[] {
  if (!fields.includes(0xffffffff)) return [...fields];
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    const end = Math.min(extra.byteLength, at + 4 + extra.getUint16(at + 2, true));
    let next = at + 4;
    return fields.map(field => {
      if (field !== 0xffffffff) return field;
      if (next + 8 > end) throw new FileFormatError(source.path, 'is damaged: a zip64 field is too short');
      next += 8;
      return readLong(source, extra, next - 8);
    });
  }
  return [...fields];
}

/** Names are only compared, never opened as paths; a name that tries to escape its folder means the file is malicious. */
function checkName(source: ByteSource, name: string): void {
  const parts = name.split('/');
  if (name.startsWith('/') || name.includes('\\') || name.includes('\0') || parts.includes('..')) {
    throw new FileFormatError(source.path, `has a zip entry with the path ${quote(name)}; refused`);
  }
}

/** Entries must follow each other before the directory; overlapping ones could inflate to more than the file holds. */
function checkOverlaps(source: ByteSource, entries: ZipEntry[], directoryOffset: number): void {
  entries.sort((a, b) => a.headerOffset - b.headerOffset);
  entries.forEach((entry, i) => {
    const end = entry.headerOffset + localBytes + entry.packedSize;
    if (end > (entries[i + 1]?.headerOffset ?? directoryOffset)) {
      throw new FileFormatError(source.path, `is damaged: the zip entry ${quote(entry.name)} overlaps the next`);
    }
  });
}

function checkInflatedSize(source: ByteSource, entries: readonly ZipEntry[]): void {
  const inflated = entries.reduce((sum, entry) => sum + (entry.deflated ? entry.size : 0), 0);
  if (inflated > freeInflatedBytes + maxInflatedRatio * source.size) {
    throw new FileFormatError(
      source.path,
      `has zip entries that inflate to ${inflated} bytes, far more than the file's ${source.size}; refused`,
    );
  }
}

function readLong(source: ByteSource, view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(source.size))
    throw new FileFormatError(source.path, 'is damaged: a zip64 field is beyond the file');
  return Number(value);
}

function decodeName(source: ByteSource, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FileFormatError(source.path, 'has a zip entry whose name is not UTF-8', { cause });
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
