/**
 * One `pix2pixhd train` in a process of its own: nothing of one run, neither threads nor memory, reaches the next. Depends on
 * Node and `errors.ts`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** How a training ended. */
export type TrainingEnd =
  | {
      readonly kind: 'ended';
      readonly reason: string;
      /** Steps done, over all invocations. */
      readonly step: number;
      /** Of this invocation, as `--max-minutes` counts them. */
      readonly seconds: number;
      /** Seconds per step, with the waiting for data. */
      readonly pace: number;
    }
  | { readonly kind: 'failed'; readonly found: string };

/** How a training is followed and stopped. */
export interface TrainingHooks {
  /** Called now and then with the steps done. */
  readonly onStep?: (step: number) => void;
  /** Aborted, the run saves and ends, as with Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A line that the program prints. */
type Line = { readonly event: string } & Readonly<Record<string, unknown>>;

/** Runs `pix2pixhd train ARGV` to its end. */
export async function trainInProcess(argv: readonly string[], { onStep, signal }: TrainingHooks): Promise<TrainingEnd> {
  // In a process group of its own, so that Ctrl-C reaches this program alone, which passes it on.
  const child = spawn(process.execPath, [program, 'train', ...argv, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const stop = () => child.kill('SIGINT');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  let last: Line | undefined;
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = read(text);
      if (line?.event === 'step') onStep?.(line.step as number);
      if (line?.event === 'result' || line?.event === 'error') last = line;
    }
    const [code, killed] = await ended;
    if (last?.event === 'result')
      return {
        kind: 'ended',
        reason: String(last.reason),
        step: Number(last.step),
        seconds: Number(last.seconds),
        pace: Number(last.secondsPerStep) / (1 - Number(last.waitShare)),
      };
    if (last !== undefined)
      return { kind: 'failed', found: `${last.where ?? last.doing}: ${last.found} (${last.remedy})` };
    const end = killed === null ? `exit code ${code}` : `the signal ${killed}`;
    // Before the run was open nothing was there to be saved.
    if (signal.aborted) return { kind: 'ended', reason: 'interrupted', step: 0, seconds: 0, pace: Number.NaN };
    return { kind: 'failed', found: `the process ended with ${end}${complaint === '' ? '' : `: ${complaint.trim()}`}` };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function read(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
