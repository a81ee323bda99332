/**
 * Clips and raw frames for tests. ffmpeg is not part of the set-up: tests that need it skip where it is missing. Depends on
 * Node and on the compiled command line.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** For `test`: why tests of videos are skipped here; false where they are not. */
export const withoutFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0 ? false : 'ffmpeg is not installed';

/** Runs ffmpeg, which must succeed. @returns its standard output. */
export function ffmpeg(args: readonly string[], input?: Uint8Array): Buffer {
  const options = { maxBuffer: 2 ** 28, ...(input && { input }) };
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], options);
  assert.equal(status, 0, String(stderr));
  return stdout;
}

/** What ffprobe says of the pictures of a video, with its frames counted by decoding them. Complaints are failures. */
export function probe(file: string): Record<string, string> {
  const entries = 'stream=width,height,pix_fmt,avg_frame_rate,nb_read_frames,sample_aspect_ratio,codec_name';
  const args = [
    '-v',
    'warning',
    '-select_streams',
    'v',
    '-count_frames',
    '-show_entries',
    entries,
    '-of',
    'json',
    file,
  ];
  const { status, stdout, stderr } = spawnSync('ffprobe', args, { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  return JSON.parse(stdout).streams[0];
}

/** All frames of a video, as raw pixels. */
export function rawFrames(file: string, format: string): Buffer {
  return ffmpeg(['-i', file, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', format, '-']);
}

/** `pix2pixhd ARGV` with pipes for raw frames. */
export interface Live {
  readonly child: ChildProcess & { readonly stdin: NonNullable<ChildProcess['stdin']> };
  /** Bytes on standard output so far. */
  readonly answered: () => Buffer;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts it. */
export function startLive(argv: readonly string[]): Live {
  const child = spawn(process.execPath, [main, ...argv], { stdio: 'pipe' });
  const chunks: Buffer[] = [];
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.on('error', () => {});
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, answered: () => Buffer.concat(chunks), said: () => said, ended };
}
