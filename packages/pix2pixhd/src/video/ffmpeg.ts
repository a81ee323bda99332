/**
 * The programs `ffmpeg` and `ffprobe`: where they are, and how they are started. They are not installed with this package, and
 * only videos need them. Depends on Node's processes and `errors.ts`.
 */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { reasonOf, UserError } from '../errors.js';

/** The programs that were found. */
export interface Ffmpeg {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** Its option for frames as they are stored, none left out and none twice: newer versions have another name for it. */
  readonly everyFrame: readonly string[];
}

const run = promisify(execFile);

/** What was found, by how it was looked for: a start of each program takes a tenth of a second. */
const known = new Map<string, Promise<Ffmpeg>>();

/**
 * Finds the programs; once they are found, they are not looked for again. `ffprobe` is looked for where `ffmpeg` is.
 *
 * @param option the path of `ffmpeg` by `--ffmpeg`.
 * @param variable the one by the variable FFMPEG. Without both, the PATH is searched.
 * @throws UserError where they cannot be run.
 */
export function findFfmpeg(option: string | null, variable: string | undefined): Promise<Ffmpeg> {
  const key = JSON.stringify([option, variable, process.env.PATH]);
  const found = known.get(key) ?? lookFor(option, variable);
  known.set(key, found);
  found.catch(() => known.delete(key));
  return found;
}

async function lookFor(option: string | null, variable: string | undefined): Promise<Ffmpeg> {
  const ffmpeg = option ?? (variable || 'ffmpeg');
  const ffprobe =
    ffmpeg === basename(ffmpeg) ? 'ffprobe' : join(dirname(ffmpeg), basename(ffmpeg).replace('ffmpeg', 'ffprobe'));
  const said = await versionOf(ffmpeg, option !== null ? '--ffmpeg' : variable ? 'FFMPEG' : undefined);
  await versionOf(ffprobe);
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/.exec(said) ?? [];
  // Builds between two versions have no number; they are newer.
  const isOld = major !== undefined && (Number(major) < 5 || (major === '5' && minor === '0'));
  return { ffmpeg, ffprobe, everyFrame: isOld ? ['-vsync', 'passthrough'] : ['-fps_mode', 'passthrough'] };
}

async function versionOf(program: string, namedBy?: string): Promise<string> {
  try {
    return (await run(program, ['-version'])).stdout;
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UserError(
      {
        code: 'NOT_INSTALLED',
        doing: 'looking for ffmpeg, which reads and writes videos',
        where: namedBy === undefined ? program : `${namedBy} ${program}`,
        found: isMissing ? (program === basename(program) ? 'no such program' : 'no such file') : reasonOf(cause),
        expected: 'ffmpeg and ffprobe, installed',
        remedy: `install it: ${howToInstall()}; or give its path with --ffmpeg; or give the frames as a folder of images`,
      },
      { cause },
    );
  }
}

function howToInstall(): string {
  return process.platform === 'darwin' ? 'brew install ffmpeg' : 'apt-get install ffmpeg, or the like of your system';
}

/** A program that is under way, with pipes for what goes in and out. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it printed on standard error, the last few thousand characters. */
  readonly said: () => string;
  /** Resolves with the exit code when it has ended; null where a signal ended it, or it could not be started. */
  readonly ended: Promise<number | null>;
}

const keptCharacters = 4000;

/** Starts a program. Ctrl-C is for this process alone, which ends the others in its own way. */
export function start(program: string, args: readonly string[]): Running {
  const child = spawn(program, args, { stdio: 'pipe', detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptCharacters);
  });
  // A program that ends early leaves its input unread; its exit code says so.
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>(resolve => {
    child.once('error', error => {
      said += error.message;
      resolve(null);
    });
    child.once('close', code => resolve(code));
  });
  return { child, said: () => said.trim(), ended };
}

/** The last line of what a program printed that says why, without the addresses that ffmpeg puts before its messages. */
export function reasonIn(said: string): string {
  const lines = said.split('\n').map(line => line.replace(/^(\[[^\]]* @ 0x[0-9a-f]+\] ?)+/, '').trim());
  const telling = lines.filter(line => line !== '' && !/: Invalid data found when processing input$/.test(line));
  return (telling.length > 0 ? telling : lines).at(-1) || 'nothing was said why';
}
