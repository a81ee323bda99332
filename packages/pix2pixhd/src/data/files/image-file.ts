/**
 * An image file as readers take it: a path, or the bytes of a file with a name for errors. Depends on the file system alone.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ReadAt } from './tiff.js';

/** A path, or the bytes of a file that a program holds in memory. */
export type ImageFile = string | ImageBytes;

/** The bytes of an image file, and what errors call it. */
export interface ImageBytes {
  readonly name: string;
  readonly bytes: Buffer;
}

/** What errors call a file. */
export function nameOf(file: ImageFile): string {
  return typeof file === 'string' ? file : file.name;
}

/** What sharp reads: of a path it reads no more than it needs. */
export function sharpInput(file: ImageFile): string | Buffer {
  return typeof file === 'string' ? file : file.bytes;
}

/** All bytes of a file, in memory that the caller may change. */
export async function bytesOf(file: ImageFile): Promise<Buffer> {
  return typeof file === 'string' ? readFile(file) : Buffer.from(file.bytes);
}

/** The size of a file in bytes. */
export function sizeOf(file: ImageFile): number {
  return typeof file === 'string' ? statSync(file).size : file.bytes.length;
}

/** Lets `use` read parts of a file. */
export function withParts<T>(file: ImageFile, use: (read: ReadAt) => T): T {
  if (typeof file !== 'string') return use((offset, length) => file.bytes.subarray(offset, offset + length));
  const descriptor = openSync(file, 'r');
  try {
    return use((offset, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    });
  } finally {
    closeSync(descriptor);
  }
}
