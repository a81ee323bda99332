/**
 * Reads parts of a file by offset, so that files larger than the largest buffer (or than memory) can be read. Depends on
 * Node's file system and the error.
 */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { FileFormatError } from './file-format-error.js';

/** One `read` call takes at most 2 GiB on Linux. */
const maxBytesPerCall = 64 * 2 ** 20;

/** Bytes that can be read from any offset. */
export interface ByteSource {
  /** The file the bytes are from, for messages. */
  readonly path: string;
  /** How many bytes there are. */
  readonly size: number;
  /** A new array with the `length` bytes at `offset`. @throws {FileFormatError} if the file does not have them all. */
  read(offset: number, length: number): Uint8Array;
}

/** An open file. Close it after use; {@link withFile} does. */
export class FileSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #file: number;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, 'r');
    try {
      const found = fstatSync(this.#file);
      if (!found.isFile()) throw new FileFormatError(path, 'is not a regular file');
      this.size = found.size;
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  read(offset: number, length: number): Uint8Array {
    // Checked before allocating: a length from a damaged file must not cause a huge allocation.
    checkRange(this, offset, length);
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#file, bytes, done, Math.min(maxBytesPerCall, length - done), offset + done);
      if (count === 0) throw new FileFormatError(this.path, 'became shorter while it was being read');
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Bytes in memory that came from a file, such as an inflated part of it. */
export class MemorySource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(path: string, bytes: Uint8Array) {
    this.path = path;
    this.size = bytes.byteLength;
    this.#bytes = bytes;
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    return this.#bytes.slice(offset, offset + length);
  }
}

/** Opens a file for the duration of `use`. */
export function withFile<T>(path: string, use: (file: FileSource) => T): T {
  const file = new FileSource(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

function checkRange(source: ByteSource, offset: number, length: number): void {
  const fits = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!fits || offset + length > source.size) {
    throw new FileFormatError(
      source.path,
      `is cut short or damaged: it refers to ${length} bytes at offset ${offset}, but has only ${source.size} bytes`,
    );
  }
}
