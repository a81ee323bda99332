/**
 * How much memory a command takes: `pix2pixhd` in a process of its own, and the peak of what that had in memory. Depends on
 * the compiled command line.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

/** Loaded before the program: says at its end, in KiB on the fourth stream, how much the process had in memory at most. */
const reporter = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));",
)}`;

/** What a run of the program gave. */
export interface PeakMemory {
  /** Bytes. */
  readonly peak: number;
  readonly stdout: string;
}

/**
 * Runs `pix2pixhd ARGV` to its end.
 * @throws Error where it fails, with what it said.
 */
export async function peakMemory(argv: readonly string[]): Promise<PeakMemory> {
  const child = spawn(process.execPath, ['--import', reporter, program, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [stdout, stderr, report, code] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    text(child.stdio[3] as Readable),
    new Promise<number | null>(resolve => child.on('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`pix2pixhd ${argv.join(' ')} ended with code ${code}\n${stdout}${stderr}`);
  return { peak: Number(report) * 1024, stdout };
}
