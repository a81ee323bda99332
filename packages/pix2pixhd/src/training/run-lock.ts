/**
 * One process at a time writes into the folder of a run: a file there says which. It is taken in one atomic step, and taken
 * over where its owner is gone. Depends on the file system, the host's name and `errors.ts`.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.js';

/** Who holds a lock. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Tells this boot of the host, and its process numbers, from others; empty where the system does not say. */
  readonly boot: string;
  /** When the process began, in the system's own count: another process of the same number began later. */
  readonly started: string;
  /** When the lock was taken, ISO 8601. */
  readonly since: string;
  /** Tells this lock from every other. */
  readonly token: string;
}

/** Name of the file in the folder of a run. */
export const lockName = 'run.lock';

/** The owner shows as often that it is alive; between two steps, so that a long one may delay it. */
const heartbeatMs = 20_000;
/** After so long without a sign of life an owner on another host is taken to be gone. */
export const goneAfterMs = 10 * 60_000;
/** The same for one on this host before it was started anew: no process has survived that, but names of hosts can be alike. */
const goneAfterBootMs = 60_000;

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
      doing: 'writing into the folder of a run',
      where: this.#path,
      found: found === undefined ? 'that the lock of this process was deleted' : `the lock of ${describe(found)}`,
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

/** A lock file as it is found. */
interface FoundLock {
  /** Undefined where the file does not say. */
  readonly owner: LockOwner | undefined;
  /** Since the last sign of life. */
  readonly ageMs: number;
}

function thisProcess(): LockOwner {
  return {
    pid: process.pid,
    host: hostname(),
    boot: thisBoot(),
    started: startOf(process.pid) ?? '',
    since: new Date().toISOString(),
    token: randomBytes(8).toString('hex'),
  };
}

/** Makes the lock file, whole, unless there is one. @returns whether it was made. */
function place(path: string, owner: LockOwner): boolean {
  const beside = join(path, '..', `.${lockName}.${owner.token}.tmp`);
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

function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as LockOwner;
    const { pid, ...words } = owner;
    const said = [words.host, words.boot, words.started, words.since, words.token];
    return Number.isInteger(pid) && said.every(word => typeof word === 'string') ? owner : undefined;
  } catch {
    return undefined;
  }
}

function isGone({ owner, ageMs }: FoundLock): boolean {
  if (owner === undefined || owner.host !== hostname()) return ageMs > goneAfterMs;
  if (owner.boot !== thisBoot()) return ageMs > goneAfterBootMs;
  return !isAlive(owner);
}

function isAlive({ pid, started }: LockOwner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is one, too.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return started === '' || (startOf(pid) ?? started) === started;
}

/** When a process began, in ticks since the system was started; undefined where there is no such process or no /proc. */
function startOf(pid: number): string | undefined {
  try {
    // The name, second, is in brackets and may hold anything; the start is the 22nd field (proc(5)).
    const [, fields] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return fields?.split(' ')[22 - 3];
  } catch {
    return undefined;
  }
}

/** The boot, and the name space of the process numbers: containers on one host have their own. */
function thisBoot(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/**
 * Removes the lock of an owner that is gone. Renaming takes it away from all others at once; where it has become another's
 * meanwhile, it is put back.
 */
function removeStale(path: string, stale: LockOwner | undefined): void {
  const aside = join(path, '..', `.${lockName}.${randomBytes(8).toString('hex')}.tmp`);
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

function describe({ owner, ageMs }: FoundLock): string {
  const alive = `last sign of life ${Math.max(0, Math.round(ageMs / 1000))} s ago`;
  if (owner === undefined) return `a process that it does not name, ${alive}`;
  return `process ${owner.pid} on ${owner.host} since ${owner.since}, ${alive}`;
}

function held(folder: string, path: string, found: FoundLock): UserError {
  const here = found.owner?.host === hostname();
  const stop = here ? `stop it (kill ${found.owner?.pid} lets it save)` : 'stop it';
  return new UserError({
    doing: 'opening the folder of a run to write into it',
    where: folder,
    found: `it is in use: ${describe(found)}`,
    expected: 'one process at a time',
    remedy: `wait for it, ${stop}, or choose another --name; if there is no such process, delete ${path}`,
  });
}
