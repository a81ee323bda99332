/**
 * One process at a time writes into the folder of a run: a file there says which. It is taken in one atomic step, and taken
 * over where its owner is gone. Depends on the file system and `errors.ts`.
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

/** The owner shows as often that it is alive; between two steps, so that a long one may delay it. */
const heartbeatMs = 20_000;
/** A lock that is held. Must be released. */
export class RunLock implements Disposable {
  readonly #path: string;
  readonly #owner: LockOwner;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, owner: LockOwner) {
    this.#path = path;
    this.#owner = owner;
    this.#heartbeat = setInterval(() => this.#show(), heartbeatMs).unref();
  }

  /**
   * Takes the lock of a folder.
   *
   * @throws UserError where another process holds it, saying which and since when.
   */
  static take(folder: string): RunLock {
    const path = join(folder, lockName);
    const owner = thisProcess();
    // A lock that goes away or is found stale is tried again; several processes may do so at once.
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
      found: 'other processes that take it and let it go again and again',
      expected: 'one process',
      remedy: `stop the others, or delete ${path}`,
    });
  }

  /**
   * Makes sure that the lock is still held, before something is written that another process would be harmed by.
   *
   * @throws UserError where it was taken away, as after a long sleep of this machine.
   */
  check(): void {
    const found = readLock(this.#path);
    if (found?.owner?.token === this.#owner.token) return;
    throw new UserError({
      code: 'RUN_IN_USE',
      doing: 'writing into the folder of a run',
      where: this.#path,
      found: found === undefined ? 'that the lock of this process was deleted' : `the lock of ${describeOwner(found)}`,
      expected: 'the lock that this process has taken',
      remedy: 'see which process trains this run; when none does, go on with --resume',
    });
  }

  /** Lets the lock go. May be called again. */
  release(): void {
    clearInterval(this.#heartbeat);
    if (readLock(this.#path)?.owner?.token === this.#owner.token) rmSync(this.#path, { force: true });
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Shows that the owner is alive. */
  #show(): void {
    try {
      const now = new Date();
      if (readLock(this.#path)?.owner?.token === this.#owner.token) utimesSync(this.#path, now, now);
    } catch {
      // The next time may do; who writes next asks whether the lock is still there.
    }
  }
}

/** Makes the lock file, whole, unless there is one. @returns whether it was made. */
function place(path: string, owner: LockOwner): boolean {
  const beside = join(path, '..', temporaryName(lockName));
  try {
    writeFileSync(beside, `${JSON.stringify(owner)}\n`, { flag: 'wx' });
    linkSync(beside, path);
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== 'link') throw error;
    // The second where the holder of the lock, tidying up, has removed the file beside.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    // A file system without hard links: the file may be seen before it says whose it is.
    return placeUnlinked(path, owner);
  } finally {
    rmSync(beside, { force: true });
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
 * Removes the lock of an owner that is gone. Renaming takes it away from all others at once; where it has become another's
 * meanwhile, it is put back.
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
    // A third has it now. Whose lock was taken away finds out before it writes.
  } finally {
    rmSync(aside, { force: true });
  }
}

function held(folder: string, path: string, found: FoundLock): UserError {
  const here = found.owner?.host === hostname();
  const stop = here ? `stop it (kill ${found.owner?.pid} lets it save)` : 'stop it';
  return new UserError({
    code: 'RUN_IN_USE',
    doing: 'opening the folder of a run to write into it',
    where: folder,
    found: `it is in use: ${describeOwner(found)}`,
    expected: 'one process at a time',
    remedy: `wait for it, ${stop}, or choose another --name; if there is no such process, delete ${path}`,
  });
}
