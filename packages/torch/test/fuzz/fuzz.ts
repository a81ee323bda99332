/**
 * Random calls in processes of their own, and what became of them. Depends on Node.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A process that ended otherwise than it should. */
export interface Crash {
  readonly seed: number;
  /** `SIGSEGV`, `SIGFPE`; `hang`; an exit code. */
  readonly how: string;
  /** The call, and the end of what the process said. */
  readonly call: string;
}

/** The sum of all calls. */
export interface Findings {
  calls: number;
  /** Operators that were drawn from. */
  operators: number;
  /** Calls that gave a value, and those that gave an error. */
  values: number;
  errors: number;
  /** Seeds whose error was an internal assertion of libtorch. */
  readonly asserted: number[];
  readonly crashes: Crash[];
}

/** A call that takes longer has hung; the longest takes a second. */
const hangMs = 60_000;

const batch = fileURLToPath(new URL('batch.js', import.meta.url));

interface Ended {
  readonly how: string;
  readonly output: string;
  readonly seed: number;
}

/**
 * Makes the calls of the seeds from `first` on.
 * @param perProcess calls that one process makes; after a crash another continues behind the seed.
 * @param report called after each process.
 */
export async function fuzz(
  first: number,
  calls: number,
  perProcess: number,
  report: (findings: Findings) => void = () => {},
): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const findings: Findings = { calls: 0, operators: 0, values: 0, errors: 0, asserted: [], crashes: [] };
  try {
    for (let seed = first; seed < first + calls; ) {
      const count = Math.min(perProcess, first + calls - seed);
      const ended = await run(seed, count, join(folder, 'progress'));
      if (ended.how === '0') {
        const { operators, outcomes, asserted } = JSON.parse(ended.output.trim().split('\n').at(-1)!);
        findings.operators = operators;
        findings.values += outcomes.value;
        findings.errors += outcomes.error + outcomes.assertion;
        findings.asserted.push(...asserted);
        seed += count;
      } else {
        const again = await run(ended.seed, 1, join(folder, 'again'));
        const call = `${again.output.slice(0, 1500)}\n${ended.output.slice(-1500)}`;
        findings.crashes.push({ seed: ended.seed, how: ended.how, call });
        seed = ended.seed + 1;
      }
      findings.calls = seed - first;
      report(findings);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return findings;
}

function run(first: number, count: number, progress: string): Promise<Ended> {
  // So that no call fills the machine: what is beyond is an error like any other.
  const limit = process.env.PIX2PIXHD_FUZZ_UNLIMITED === undefined ? 'ulimit -v 10485760; ' : '';
  const child = spawn('sh', [
    '-c',
    `${limit}exec "$0" "$@"`,
    process.execPath,
    batch,
    `${first}`,
    `${count}`,
    progress,
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', data => (output = (output + data).slice(-20_000)));
  const seedNow = () => {
    try {
      return Number(readFileSync(progress, 'utf8')) || first;
    } catch {
      return first;
    }
  };
  return new Promise(resolve => {
    let last = { seed: -1, since: Date.now() };
    let hung = false;
    const watch = setInterval(() => {
      const seed = seedNow();
      if (seed !== last.seed) last = { seed, since: Date.now() };
      else if (Date.now() - last.since > hangMs) {
        hung = true;
        child.kill('SIGKILL');
      }
    }, 1000);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      resolve({ how: hung ? 'hang' : (signal ?? String(code)), output, seed: seedNow() });
    });
  });
}
