/**
 * A PyTorch script doing the same work, run in turn with ours in one go, so that the ratio holds when the machine's speed
 * drifts. Depends on child processes; knows the script by its command line: `SCRIPT train|infer SIZE [--tuned] --runs N`,
 * which prints one JSON line with `median_s` and `peak_mb`.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Row } from './row.js';

const run = promisify(execFile);

/** A measurement of the peer. */
interface PeerRow {
  readonly seconds: number;
  readonly peakMb: number;
}

/** One round of one row: ours, and PyTorch as it is usually run and as an expert runs it. */
export interface Round {
  readonly ours: Row;
  readonly usual: PeerRow;
  readonly tuned: PeerRow;
}

/**
 * Measures the peer on one row.
 * @param name `train 512x256`, as the rows are called.
 */
async function measurePeer(script: string, name: string, tuned: boolean, runs: number): Promise<PeerRow> {
  const python = process.env.PYTHON ?? 'python3';
  const args = [script, ...name.split(' '), '--runs', String(runs), ...(tuned ? ['--tuned'] : [])];
  const { stdout } = await run(python, args, { maxBuffer: 1 << 24 });
  const { median_s, peak_mb } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { median_s: number; peak_mb: number };
  return { seconds: median_s, peakMb: peak_mb };
}

/** Rounds of usual, ours, tuned. @param measureOurs measures our row in a fresh process. */
export async function compare(
  script: string,
  name: string,
  rounds: number,
  runs: number,
  measureOurs: () => Promise<Row>,
): Promise<Round[]> {
  const all: Round[] = [];
  for (let i = 0; i < rounds; i++) {
    const usual = await measurePeer(script, name, false, runs);
    const ours = await measureOurs();
    const tuned = await measurePeer(script, name, true, runs);
    all.push({ ours, usual, tuned });
  }
  return all;
}

/** `2.61 (2.55–2.70)`: median, minimum and maximum of the ratios, round by round. */
export function ratios(rounds: readonly Round[], peer: 'usual' | 'tuned'): string {
  const sorted = rounds.map(round => round[peer].seconds / round.ours.seconds).sort((a, b) => a - b);
  const show = (ratio: number) => ratio.toFixed(2);
  return `${show(sorted[sorted.length >> 1]!)} (${show(sorted[0]!)}–${show(sorted.at(-1)!)})`;
}
