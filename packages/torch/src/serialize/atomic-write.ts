/**
 * Writing a file so that a crash leaves either the old one or the new one, never half. Depends on Node's file system only,
 * and is exported as `@pix2pixhd/torch/atomic-write` for programs that need it before, or without, the addon.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** One `write` call takes at most 2 GiB on Linux; pieces of this size also keep the calls interruptible. */
const maxBytesPerCall = 64 * 2 ** 20;

/**
 * Replaces the file at `path`: writes a uniquely named file beside it, flushes it to the disk, renames it over `path` and
 * flushes the folder. A process that is killed meanwhile leaves `path` as it was and perhaps `.NAME.….tmp` beside it.
 *
 * @param content text (as UTF-8), bytes, or chunks of bytes that are written one after the other. Chunks are pulled one at
 * a time, so a large file is never in memory as a whole.
 * @throws what the file system or the chunks throw; the file beside is removed then and `path` is as it was.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array | Iterable<Uint8Array>): void {
  const folder = dirname(path);
  const beside = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);
  const file = openSync(beside, 'wx');
  let open = true;
  try {
    for (const chunk of chunksOf(content)) writeAll(file, chunk);
    fsyncSync(file);
    closeSync(file);
    open = false;
    renameSync(beside, path);
  } catch (error) {
    if (open) closeSync(file);
    rmSync(beside, { force: true });
    throw error;
  }
  flushFolder(folder);
}

function chunksOf(content: string | Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (typeof content === 'string') return [new TextEncoder().encode(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/** Writes all bytes at the file's position; a single call may write fewer than asked for. */
function writeAll(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.byteLength) {
    done += writeSync(file, bytes, done, Math.min(maxBytesPerCall, bytes.byteLength - done));
  }
}

/** Makes the rename itself survive a power cut. Some systems cannot flush a folder; the file is complete all the same. */
function flushFolder(folder: string): void {
  const cannotFlush = new Set(['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EACCES', 'EBADF']);
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined || !cannotFlush.has(code)) throw error;
  }
}
