/**
 * Who holds the lock of a run, and whether that process still exists. Depends on `/proc` and the host's name.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Identifies this boot of the host; empty if unknown. */
  readonly boot: string;
  /** The PID namespace: containers on one host have their own. Empty if unknown. */
  readonly space: string;
  /** When the process started, in clock ticks: a later process with the same PID has a different start. */
  readonly started: string;
  /** When the lock was taken, ISO 8601. */
  readonly since: string;
  /** Identifies this lock. */
  readonly token: string;
}

/** After this long without a heartbeat an owner on another host is considered gone. */
export const goneAfterMs = 10 * 60_000;
/** The same for an owner on this host from before a reboot: no process survives that, but two hosts may share a name. */
const goneAfterBootMs = 60_000;

/** A lock file as found. */
export interface FoundLock {
  /** Undefined if the file does not name one. */
  readonly owner: LockOwner | undefined;
  /** Since the last heartbeat. */
  readonly ageMs: number;
}

/** This process, as the owner of a new lock. */
export function thisProcess(): LockOwner {
  return {
    pid: process.pid,
    host: hostname(),
    boot: thisBoot(),
    space: thisSpace(),
    started: processFields(process.pid)?.started ?? '',
    since: new Date().toISOString(),
    token: randomBytes(8).toString('hex'),
  };
}

/** The owner named by a lock file; undefined if it names none. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as LockOwner;
    const { pid, ...words } = owner;
    const texts = [words.host, words.boot, words.space, words.started, words.since, words.token];
    return Number.isInteger(pid) && texts.every(word => typeof word === 'string') ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the owner of a lock is gone: then another process may take it over. */
export function isGone({ owner, ageMs }: FoundLock): boolean {
  if (owner === undefined || owner.host !== hostname()) return ageMs > goneAfterMs;
  if (owner.boot !== thisBoot()) return ageMs > goneAfterBootMs;
  // A PID of another namespace means nothing here.
  if (owner.space !== thisSpace()) return ageMs > goneAfterMs;
  return !isAlive(owner);
}

function isAlive({ pid, started }: LockOwner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists, but belongs to another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const found = processFields(pid);
  if (found === undefined) return true;
  return found.state !== 'Z' && (started === '' || found.started === started);
}

/**
 * The state of a process (Z for a zombie) and its start, in ticks since boot. Undefined if there is no such process or no
 * /proc.
 */
function processFields(pid: number): { state: string; started: string } | undefined {
  try {
    // The name, second, is in brackets and may hold anything; the state is the third field, the start the 22nd (proc(5)).
    const [, rest] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const fields = rest?.split(' ') ?? [];
    return { state: fields[3 - 3]!, started: fields[22 - 3]! };
  } catch {
    return undefined;
  }
}

function thisBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function thisSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** The owner of a lock in words: process, host, since when, and the age of the last heartbeat. */
export function describeOwner({ owner, ageMs }: FoundLock): string {
  const alive = `last heartbeat ${Math.max(0, Math.round(ageMs / 1000))} s ago`;
  if (owner === undefined) return `an unknown process, ${alive}`;
  return `process ${owner.pid} on ${owner.host} since ${owner.since}, ${alive}`;
}
