/**
 * Writes files atomically: a crash, a full disk or a disk error leaves either the old file or the new one, never a partial
 * one. Depends on Node's file system only, and is exported as `@pix2pixhd/torch/atomic-write` for programs that need it
 * before, or without, the addon.
 */

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** One `write` call takes at most 2 GiB on Linux; pieces of this size also keep the calls interruptible. */
const maxBytesPerCall = 64 * 2 ** 20;
/** Linux allows 255 bytes in a name; the remaining ones are for the process id, the random digits and the ending. */
const maxNameBytes = 200;

/** The file system calls that the writer makes. Tests pass one that fails on purpose. */
export type WriterFileSystem = Pick<
  typeof fs,
  'statSync' | 'openSync' | 'writeSync' | 'fsyncSync' | 'closeSync' | 'renameSync' | 'rmSync'
>;

/** A file being written, still under its temporary name. */
export interface UnfinishedFile {
  /** Writes after what was appended before. */
  append(bytes: Uint8Array): void;
  /** Replaces bytes that were appended already, such as a header that depends on what follows it. */
  overwrite(offset: number, bytes: Uint8Array): void;
}

/**
 * Replaces the file at `path`: `write` fills a uniquely named file beside it, which is flushed to the disk and renamed over
 * `path`; then the folder is flushed. A process killed in between leaves `path` as it was, and perhaps `.NAME.….tmp` beside
 * it, which does not disturb later writes.
 *
 * @param system the file system, replaceable for tests.
 * @throws what `write` throws, and the system's errors (`code`, `syscall`, `path`), which name `path` whichever call
 * failed. The temporary file is then removed and `path` is as it was, except if flushing the folder fails: then it is the
 * new file already. A folder, device or pipe is never replaced: EISDIR, EEXIST.
 */
export function replaceFile(path: string, write: (file: UnfinishedFile) => void, system: WriterFileSystem = fs): void {
  refuseOtherThanFile(path, system);
  const folder = dirname(path);
  const temporary = join(folder, temporaryName(basename(path)));
  const file = naming(path, () => system.openSync(temporary, 'wx'));
  let open = true;
  const close = () => {
    open = false; // even if closing fails: the system has released the descriptor
    system.closeSync(file);
  };
  try {
    write({
      append: bytes => naming(path, () => writeAll(system, file, bytes, null)),
      overwrite: (offset, bytes) => naming(path, () => writeAll(system, file, bytes, offset)),
    });
    naming(path, () => {
      system.fsyncSync(file);
      close();
      system.renameSync(temporary, path);
    });
  } catch (error) {
    // The caller must get the first error.
    if (open) ignoringErrors(close);
    ignoringErrors(() => system.rmSync(temporary, { force: true }));
    throw error;
  }
  naming(path, () => flushFolder(system, folder));
}

/**
 * `replaceFile` with content that is known or comes in chunks.
 * @param content text (as UTF-8), bytes, or chunks of bytes that are written one after the other. Chunks are pulled one at
 * a time, so a large file is never in memory as a whole.
 * @throws as `replaceFile`, and what the chunks throw.
 */
export function writeFileAtomic(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
  system: WriterFileSystem = fs,
): void {
  replaceFile(
    path,
    file => {
      for (const chunk of chunksOf(content)) file.append(chunk);
    },
    system,
  );
}

function chunksOf(content: string | Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (typeof content === 'string') return [new TextEncoder().encode(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/**
 * A name for a file written or linked beside `name` before it replaces that: hidden, unique, and no longer than names may be.
 */
export function temporaryName(name: string): string {
  let start = name;
  while (Buffer.byteLength(start) > maxNameBytes) start = [...start].slice(0, -1).join('');
  return `.${start}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
}

/** Whether a file name was made by {@link temporaryName}. */
export function isTemporaryName(name: string): boolean {
  return /^\..*\.\d+\.[0-9a-f]+\.tmp$/s.test(name);
}

/** Renaming would also replace /dev/null, if the user has the permission. */
function refuseOtherThanFile(path: string, system: WriterFileSystem): void {
  const there = naming(path, () => system.statSync(path, { throwIfNoEntry: false }));
  if (there === undefined || there.isFile()) return;
  const [code, what] = there.isDirectory()
    ? ['EISDIR', 'it is a folder']
    : ['EEXIST', 'it is a device, pipe or socket, not a file'];
  throw Object.assign(new Error(`${code}: ${what}, open '${path}'`), { code, syscall: 'open', path });
}

/** Writes all bytes, at the file's end if `offset` is null; a single call may write fewer than requested. */
function writeAll(system: WriterFileSystem, file: number, bytes: Uint8Array, offset: number | null): void {
  let done = 0;
  while (done < bytes.byteLength) {
    const length = Math.min(maxBytesPerCall, bytes.byteLength - done);
    done += system.writeSync(file, bytes, done, length, offset === null ? null : offset + done);
  }
}

/** Makes the rename itself survive a power cut. Some systems cannot flush a folder; the file is complete anyway. */
function flushFolder(system: WriterFileSystem, folder: string): void {
  const cannotFlush = new Set(['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EACCES', 'EBADF']);
  try {
    const handle = system.openSync(folder, 'r');
    try {
      system.fsyncSync(handle);
    } finally {
      system.closeSync(handle);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !cannotFlush.has(code)) throw error;
  }
}

/** Names `path` in errors: Node names no file if a call uses a descriptor, and the temporary one otherwise. */
function naming<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const { code, errno, syscall } = cause as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw cause;
    const [what] = cause.message.split(`, ${syscall}`);
    throw Object.assign(new Error(`${what}, ${syscall} '${path}'`, { cause }), { code, errno, syscall, path });
  }
}

function ignoringErrors(call: () => void): void {
  try {
    call();
  } catch {
    // Another error is being thrown already.
  }
}
