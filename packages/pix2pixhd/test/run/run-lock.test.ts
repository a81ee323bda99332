/**
 * One process at a time writes into a run: the lock is refused while its owner lives, taken over when that is gone, whether
 * its number is used again or it was on another host, and taken by one of many that come at once.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../src/errors.js';
import { goneAfterMs, type LockOwner } from '../../src/run/lock-owner.js';
import { lockName, RunLock } from '../../src/run/run-lock.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const newFolder = () => mkdtempSync(join(root, 'run-'));
const lockOf = (folder: string) => join(folder, lockName);
const ownerOf = (folder: string) => JSON.parse(readFileSync(lockOf(folder), 'utf8')) as LockOwner;
const moduleUrl = JSON.stringify(new URL('../../src/run/run-lock.js', import.meta.url).href);

/** A lock as this process would take it, but for some of it. */
function leaveLock(folder: string, change: Partial<LockOwner>, ageMs = 0): void {
  using _ = RunLock.take(folder);
  const owner = { ...ownerOf(folder), token: 'another', ...change };
  writeFileSync(lockOf(folder), JSON.stringify(owner));
  const then = new Date(Date.now() - ageMs);
  utimesSync(lockOf(folder), then, then);
}

/** Asserts that the lock of a folder is refused, with all an error should have. */
function assertHeld(folder: string, ...parts: readonly RegExp[]): void {
  assert.throws(
    () => RunLock.take(folder),
    (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      for (const part of [/it is in use/, /one process at a time/, /delete .*run\.lock/, ...parts])
        assert.match(error.message, part);
      return true;
    },
  );
}

function assertFree(folder: string): void {
  RunLock.take(folder).release();
}

test('the error says who holds it and since when; released, it is free and nothing is left', () => {
  const folder = newFolder();
  const lock = RunLock.take(folder);
  const since = ownerOf(folder).since;
  assert.ok(Math.abs(Date.parse(since) - Date.now()) < 60_000);
  assertHeld(folder, new RegExp(`process ${process.pid} on ${hostname()} since ${since}`), /kill \d+ lets it save/);
  lock.check();
  lock.release();
  lock.release();
  assert.deepEqual(readdirSync(folder), []);
  assertFree(folder);
});

test('a process that was killed holds it no longer', () => {
  const folder = newFolder();
  const program = `const { RunLock } = await import(${moduleUrl}); RunLock.take(${JSON.stringify(folder)}); process.kill(process.pid, 'SIGKILL');`;
  const { signal, pid } = spawnSync(process.execPath, ['--input-type=module', '-e', program]);
  assert.equal(signal, 'SIGKILL');
  assert.equal(ownerOf(folder).pid, pid);
  assertFree(folder);
});

test('a process that has got the number of a dead one is not taken for it', { skip: !existsSync('/proc') }, () => {
  const folder = newFolder();
  leaveLock(folder, {});
  assertHeld(folder);
  leaveLock(newFolder(), {});
  const reused = newFolder();
  leaveLock(reused, { started: '1' });
  assertFree(reused);
});

test('a process that has ended and was not asked after is gone', { skip: !existsSync('/proc') }, async () => {
  // sleep does not ask after a child that the shell before it has started.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = Number((await once(parent.stdout, 'data'))[0]);
  const fields = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  while (fields()[2] !== 'Z') await sleep(5);
  const folder = newFolder();
  leaveLock(folder, { pid, started: fields()[21]! });
  assertFree(folder);
  parent.kill();
});

test('an owner on another host is gone after a long time without a heartbeat', () => {
  const folder = newFolder();
  leaveLock(folder, { host: 'elsewhere', pid: 1 }, goneAfterMs - 60_000);
  assertHeld(folder, /process 1 on elsewhere/, /last heartbeat 5\d\d s ago/);
  leaveLockOver(folder, { host: 'elsewhere', pid: 1 }, goneAfterMs + 60_000);
  assertFree(folder);
});

test('an owner from before this host was rebooted is gone', () => {
  const folder = newFolder();
  leaveLock(folder, { boot: 'an earlier one' }, 10_000);
  assertHeld(folder);
  leaveLockOver(folder, { boot: 'an earlier one' }, 120_000);
  assertFree(folder);
});

/** {@link leaveLock} in place of one that is there. */
function leaveLockOver(folder: string, change: Partial<LockOwner>, ageMs: number): void {
  rmSync(lockOf(folder));
  leaveLock(folder, change, ageMs);
}

test('an owner in another container on this host is not judged by a PID that means nothing here', () => {
  const folder = newFolder();
  leaveLock(folder, { space: 'pid:[1]', pid: 2 ** 22 + 1 }, 120_000);
  assertHeld(folder);
  leaveLockOver(folder, { space: 'pid:[1]' }, goneAfterMs + 1000);
  assertFree(folder);
});

test('a lock file that says nothing is waited for as one of another host', () => {
  const folder = newFolder();
  writeFileSync(lockOf(folder), 'half');
  assertHeld(folder, /an unknown process/);
  const then = new Date(Date.now() - goneAfterMs - 1000);
  utimesSync(lockOf(folder), then, then);
  assertFree(folder);
});

test('an owner that lost its lock gets an error before it writes, and leaves the new lock alone', () => {
  const folder = newFolder();
  const lock = RunLock.take(folder);
  rmSync(lockOf(folder));
  assert.throws(() => lock.check(), /the lock of this process was deleted/);
  using other = RunLock.take(folder);
  assert.throws(() => lock.check(), new RegExp(`the lock of process ${process.pid} on`));
  lock.release();
  other.check();
});

test('of many that find a stale lock at once one gets it', { timeout: 60_000 }, async () => {
  const folder = newFolder();
  leaveLock(folder, { pid: 2 ** 22 + 1 });
  // Each says whether it got it, and holds it until its input ends.
  const program = `
    const { RunLock } = await import(${moduleUrl});
    while (Date.now() < ${Date.now() + 1500});
    let said = 'got it';
    try { RunLock.take(${JSON.stringify(folder)}); } catch (error) { said = error.name + error.message; }
    console.log(said);
    process.stdin.resume().on('end', () => process.exit());`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const said = await Promise.all(children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])));
  for (const { stdin } of children) stdin.end();
  assert.equal(said.filter(text => text === 'got it\n').length, 1, said.join(''));
  for (const text of said) assert.match(text, /^got it\n|^UserError.*in use: process \d+/s);
});
