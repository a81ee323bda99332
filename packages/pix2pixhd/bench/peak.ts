/**
 * The peak memory of a command: runs `pix2pixhd` in its own process and reads that process's maximum resident set. Depends
 * on the compiled command line.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

/** Loaded before the program: writes the process's peak memory, in KiB, to the fourth stream when it exits. */
const reporter = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));",
)}`;

/** The result of a run of the program. */
export interface PeakMemory {
  /** Bytes. */
  readonly peak: number;
  readonly stdout: string;
}

/**
 * Runs `pix2pixhd ARGV` to its end.
 * @throws Error if it fails, with its output.
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
