/**
 * The one writer of files that must be whole: a crash, a full disk or a failing one leaves either the old file or the new
 * one, never half. Depends on Node's file system only, and is exported as `@pix2pixhd/torch/atomic-write` for programs
 * that need it before, or without, the addon.
 */

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** One `write` call takes at most 2 GiB on Linux; pieces of this size also keep the calls interruptible. */
const maxBytesPerCall = 64 * 2 ** 20;
/** Linux takes 255 bytes in a name; what is left of this goes to the process, the random digits and the ending. */
const maxNameBytes = 200;

/** What the writer asks of the file system. A test hands in one that fails where it wants. */
export type WriterFileSystem = Pick<
  typeof fs,
  'statSync' | 'openSync' | 'writeSync' | 'fsyncSync' | 'closeSync' | 'renameSync' | 'rmSync'
>;

/** A file that is being written and has no name yet that anyone would read. */
export interface UnfinishedFile {
  /** Writes behind what was appended before. */
  append(bytes: Uint8Array): void;
  /** Replaces bytes that were appended already, such as a header that tells what is behind it. */
  overwrite(offset: number, bytes: Uint8Array): void;
}

/**
 * Replaces the file at `path`: `write` fills a uniquely named file beside it, which is flushed to the disk and renamed over
 * `path`; then the folder is flushed. A process that is killed in between leaves `path` as it was and perhaps
 * `.NAME.….tmp` beside it, which no later write trips over.
 *
 * @param system the file system; a test's own.
 * @throws what `write` throws, and the system's refusals (`code`, `syscall`, `path`), of which each names `path` whichever
 * call it was. The file beside is removed then, and `path` is as it was; only where flushing the folder fails is it the
 * new file already. A folder, device or pipe is never replaced: EISDIR, EEXIST.
 */
export function replaceFile(path: string, write: (file: UnfinishedFile) => void, system: WriterFileSystem = fs): void {
  refuseOtherThanFile(path, system);
  const folder = dirname(path);
  const beside = join(folder, temporaryName(basename(path)));
  const file = naming(path, () => system.openSync(beside, 'wx'));
  let open = true;
  const close = () => {
    open = false; // also where closing fails: the system has let go of it then
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
      system.renameSync(beside, path);
    });
  } catch (error) {
    // What went wrong first is what the caller must hear of.
    if (open) ignoringErrors(close);
    ignoringErrors(() => system.rmSync(beside, { force: true }));
    throw error;
  }
  naming(path, () => flushFolder(system, folder));
}

/**
 * `replaceFile` with content that is known, or comes piece by piece.
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
 * A name for what is written, or linked, beside `name` before it takes its place: hidden, of this call alone, and no longer
 * than names may be.
 */
export function temporaryName(name: string): string {
  let start = name;
  while (Buffer.byteLength(start) > maxNameBytes) start = [...start].slice(0, -1).join('');
  return `.${start}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
}

/** Whether a file's name is one of {@link temporaryName}. */
export function isTemporaryName(name: string): boolean {
  return /^\..*\.\d+\.[0-9a-f]+\.tmp$/s.test(name);
}

/** A renamed file would take the place of /dev/null as well, where the user may do that. */
function refuseOtherThanFile(path: string, system: WriterFileSystem): void {
  const there = naming(path, () => system.statSync(path, { throwIfNoEntry: false }));
  if (there === undefined || there.isFile()) return;
  const [code, what] = there.isDirectory()
    ? ['EISDIR', 'it is a folder']
    : ['EEXIST', 'it is a device, pipe or socket'];
  throw Object.assign(new Error(`${code}: ${what}, open '${path}'`), { code, syscall: 'open', path });
}

/** Writes all bytes, at the file's end where there is no `offset`; a single call may write fewer than asked for. */
function writeAll(system: WriterFileSystem, file: number, bytes: Uint8Array, offset: number | null): void {
  let done = 0;
  while (done < bytes.byteLength) {
    const length = Math.min(maxBytesPerCall, bytes.byteLength - done);
    done += system.writeSync(file, bytes, done, length, offset === null ? null : offset + done);
  }
}

/** Makes the rename itself survive a power cut. Some systems cannot flush a folder; the file is complete all the same. */
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

/** Node names no file where a call goes by descriptor, and the one beside where it goes by name. */
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
    // There is an error already.
  }
}
