/**
 * Only one process at a time writes into the folder of a run: a lock file there says which. It is created atomically, and
 * taken over if its owner is gone. Depends on the file system and `errors.ts`.
 */
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { temporaryName } from '@pix2pixhd/torch/atomic-write';
import { UserError } from '../errors.js';
import { describeOwner, type FoundLock, isGone, type LockOwner, parseOwner, thisProcess } from './lock-owner.js';

/** Name of the file in the folder of a run. */
export const lockName = 'run.lock';

/** How often the owner refreshes the lock file; a timer, so a long step delays it. */
const heartbeatMs = 20_000;

/** A lock that is held. Must be released. */
export class RunLock implements Disposable {
  readonly #path: string;
  readonly #owner: LockOwner;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, owner: LockOwner) {
    this.#path = path;
    this.#owner = owner;
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
  }

  /**
   * Takes the lock of a folder.
   *
   * @throws UserError if another process holds it, saying which and since when.
   */
  static take(folder: string): RunLock {
    const path = join(folder, lockName);
    const owner = thisProcess();
    // Where the lock was released meanwhile, or was stale, try again; several processes may do so at once.
    for (let attempt = 0; attempt < 10; attempt++) {
      if (place(path, owner)) return new RunLock(path, owner);
      const found = readLock(path);
      if (found === undefined) continue;
      if (!isGone(found)) throw held(folder, path, found);
      removeStale(path, found.owner);
    }
    throw new UserError({
      code: 'RUN_IN_USE',
      doing: 'taking the lock of a run',
      where: path,
      found: 'other processes that keep taking and releasing it',
      expected: 'one process',
      remedy: `stop the others, or delete ${path}`,
    });
  }

  /**
   * Makes sure that the lock is still held, before something is written that would harm another process.
   *
   * @throws UserError if it was lost, as after this machine was suspended for long.
   */
  check(): void {
    const found = readLock(this.#path);
    if (found?.owner?.token === this.#owner.token) return;
    throw new UserError({
      code: 'RUN_IN_USE',
      doing: 'writing into the folder of a run',
      where: this.#path,
      found: found === undefined ? 'that the lock of this process was deleted' : `the lock of ${describeOwner(found)}`,
      expected: 'the lock of this process',
      remedy: 'find out which process trains this run; if none does, continue with --resume',
    });
  }

  /** Releases the lock. May be called again. */
  release(): void {
    clearInterval(this.#heartbeat);
    if (readLock(this.#path)?.owner?.token === this.#owner.token) rmSync(this.#path, { force: true });
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Refreshes the lock file's time: the owner is alive. */
  #beat(): void {
    try {
      const now = new Date();
      if (readLock(this.#path)?.owner?.token === this.#owner.token) utimesSync(this.#path, now, now);
    } catch {
      // The next beat may succeed; before a write, {@link check} verifies that the lock is still held.
    }
  }
}

/** Creates the lock file atomically, unless there is one. @returns whether it was created. */
function place(path: string, owner: LockOwner): boolean {
  const temporary = join(path, '..', temporaryName(lockName));
  try {
    writeFileSync(temporary, `${JSON.stringify(owner)}\n`, { flag: 'wx' });
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== 'link') throw error;
    // ENOENT: the holder of the lock has just cleaned up the temporary file.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    // A file system without hard links: others may see the file before it names its owner.
    return placeUnlinked(path, owner);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function placeUnlinked(path: string, owner: LockOwner): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeFileSync(file, `${JSON.stringify(owner)}\n`);
    return true;
  } finally {
    closeSync(file);
  }
}

function readLock(path: string): FoundLock | undefined {
  try {
    const ageMs = Date.now() - statSync(path).mtimeMs;
    return { owner: parseOwner(readFileSync(path, 'utf8')), ageMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Removes the lock of an owner that is gone. Renaming makes sure that only one process removes it; if another process has
 * taken the lock meanwhile, it is restored.
 */
function removeStale(path: string, stale: LockOwner | undefined): void {
  const aside = join(path, '..', temporaryName(lockName));
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if (parseOwner(readFileSync(aside, 'utf8'))?.token !== stale?.token) linkSync(aside, path);
  } catch {
    // A third process has the lock now. The one whose lock was removed finds out before it writes.
  } finally {
    rmSync(aside, { force: true });
  }
}

function held(folder: string, path: string, found: FoundLock): UserError {
  const here = found.owner?.host === hostname();
  const stop = here ? `stop it (kill ${found.owner?.pid} lets it save)` : 'stop it';
  return new UserError({
    code: 'RUN_IN_USE',
    doing: 'opening the folder of a run for writing',
    where: folder,
    found: `it is in use: ${describeOwner(found)}`,
    expected: 'one process at a time',
    remedy: `wait for it, ${stop}, or choose another --name; if there is no such process, delete ${path}`,
  });
}
