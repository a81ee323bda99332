/**
 * Compares with a PyTorch script doing the same work, alternating with ours so that the ratios hold while the machine's
 * speed drifts. Depends on child processes; calls the script as `SCRIPT train|infer SIZE --runs N --device DEVICE [--tuned]` and reads the
 * JSON line with `median_s` and `peak_mb` that it prints.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { median } from './row.js';

const run = promisify(execFile);

/** A measurement of one contestant. */
export interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
}

/** The contestants by name, and how to measure each. */
export type Contestants = Readonly<Record<string, () => Promise<Measured>>>;

/** One round: every contestant once, in order. */
export type Round = Readonly<Record<string, Measured>>;

/** Two contestants whose seconds are divided, `usual/ours`. */
export type Pair = readonly [slower: string, faster: string];

/** The ratios of one pair, per round and in summary. */
export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: readonly number[];
}

/**
 * Measures the peer on one row.
 * @param name a row's name: `train 512x256`.
 * @param how `tuned`: run PyTorch as an expert would, otherwise as usual; `device` as the script's PyTorch names it.
 */
export async function measurePeer(
  script: string,
  name: string,
  { tuned, runs, device }: { tuned: boolean; runs: number; device: string },
): Promise<Measured> {
  const python = process.env.PYTHON ?? 'python3';
  const args = [script, ...name.split(' '), '--runs', String(runs), '--device', device, ...(tuned ? ['--tuned'] : [])];
  const { stdout } = await run(python, args, { maxBuffer: 1 << 24 });
  const { median_s, peak_mb } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { median_s: number; peak_mb: number };
  return { seconds: median_s, peakMb: peak_mb };
}

/** Measures all contestants in turn, `rounds` times. @param onRound called after each round. */
export async function compare(
  contestants: Contestants,
  rounds: number,
  onRound: (round: Round, number: number) => void,
): Promise<Round[]> {
  const all: Round[] = [];
  for (let number = 1; number <= rounds; number++) {
    const round: Record<string, Measured> = {};
    for (const [name, measure] of Object.entries(contestants)) round[name] = await measure();
    all.push(round);
    onRound(round, number);
  }
  return all;
}

/** A pair's ratios, each from two measurements of the same round. */
export function ratioOf(rounds: readonly Round[], [slower, faster]: Pair): Ratio {
  const each = rounds.map(round => round[slower]!.seconds / round[faster]!.seconds);
  return { median: median(each), min: Math.min(...each), max: Math.max(...each), rounds: each };
}

/** A line of a row's table of rounds: the contestants' cells, then the ratios'. */
function roundColumns(name: string, each: readonly string[], ratios: readonly string[]): string {
  return (
    name.padEnd(18) + each.map(cell => cell.padStart(10)).join('') + ratios.map(cell => cell.padStart(20)).join('')
  );
}

/** The head of a row's table of rounds. */
export function roundHead(name: string, contestants: Contestants, pairs: readonly Pair[]): string {
  const who = Object.keys(contestants).map(contestant => `${contestant} s`);
  return roundColumns(
    name,
    who,
    pairs.map(pair => pair.join('/')),
  );
}

/** A round in that table. */
export function roundLine(round: Round, number: number, pairs: readonly Pair[]): string {
  const seconds = Object.values(round).map(measured => measured.seconds.toFixed(3));
  const ratios = pairs.map(pair => ratioOf([round], pair).median.toFixed(2));
  return roundColumns(`  round ${number}`, seconds, ratios);
}

/** The table's last lines: medians, the ratios' spread, and peak memory. */
export function summaryLines(rounds: readonly Round[], pairs: readonly Pair[]): string {
  const names = Object.keys(rounds[0]!);
  const seconds = names.map(who => median(rounds.map(round => round[who]!.seconds)).toFixed(3));
  const spread = pairs.map(pair => {
    const { median, min, max } = ratioOf(rounds, pair);
    return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
  });
  const peaks = names.map(who => String(Math.max(...rounds.map(round => round[who]!.peakMb))));
  return `${roundColumns('  median', seconds, spread)}\n${roundColumns('  peak MB', peaks, [])}`;
}
