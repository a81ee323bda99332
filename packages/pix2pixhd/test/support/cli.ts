/**
 * The `pix2pixhd` program: in this process, which is quick, or in one of its own, for what only a process can show, such as
 * signals. Depends on Node and on the compiled command line.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { dispatch } from '../../src/cli/dispatch.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** What a process left behind. */
export interface Ended {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that is under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `pix2pixhd ARGV` as a process of its own. */
export function start(argv: readonly string[]): Started {
  const child = spawn(process.execPath, [main, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, ...printed }));
  return { child, ended };
}

/** Runs `pix2pixhd ARGV` to its end, inside this process: the same from the arguments to the exit code. */
export async function pix2pixhd(...argv: readonly string[]): Promise<Ended> {
  const printed = { stdout: '', stderr: '' };
  const into = (name: keyof typeof printed) => ({
    write(text: string) {
      printed[name] += text;
    },
  });
  const code = await dispatch(argv, { out: into('stdout'), error: into('stderr') });
  return { code, signal: null, ...printed };
}

/** Runs `pix2pixhd ARGV` as a process of its own: nothing survives from one run to the next. */
export function pix2pixhdAlone(...argv: readonly string[]): Promise<Ended> {
  return start(argv).ended;
}

/**
 * Runs `pix2pixhd ARGV`, which must succeed, inside this process.
 *
 * @returns what it printed on standard output.
 */
export async function succeed(...argv: readonly string[]): Promise<string> {
  return succeeded(argv, await pix2pixhd(...argv));
}

/** The same in a process of its own. */
export async function succeedAlone(...argv: readonly string[]): Promise<string> {
  return succeeded(argv, await pix2pixhdAlone(...argv));
}

function succeeded(argv: readonly string[], { code, signal, stdout, stderr }: Ended): string {
  assert.deepEqual([code, signal], [0, null], `pix2pixhd ${argv.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/**
 * Runs `pix2pixhd ARGV` inside this process, which is quicker. It must refuse: with an exit code, a message with
 * each of `parts` and all that a message should have, and no stack.
 */
export async function refuse(argv: readonly string[], code: 1 | 2, ...parts: readonly RegExp[]): Promise<void> {
  const { code: found, stderr } = await pix2pixhd(...argv);
  assert.equal(found, code, `pix2pixhd ${argv.join(' ')}\n${stderr}`);
  const said = stderr.replace(/^(note|warning): .*\n/gm, '');
  assert.match(said, /^Error while /);
  for (const part of [/\n {2}found: {4}\S/, /\n {2}remedy: {3}\S/, ...parts]) assert.match(said, part);
  assert.doesNotMatch(said, /\n\s+at |node:internal/, 'a stack trace');
}

/** Waits until `holds`, looking every few milliseconds; fails where the process ends first. */
export async function until(holds: () => boolean, { child, ended }: Started): Promise<void> {
  while (!holds()) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const { stdout, stderr } = await ended;
      if (holds()) return;
      assert.fail(`the process ended first:\n${stdout}${stderr}`);
    }
    await sleep(3);
  }
}
