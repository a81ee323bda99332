/**
 * `npm run bench`: what a training step, generating an image and loading cost on this machine. Depends on the jobs; prints.
 *
 * Options: --only NAME, --runs N, --device auto|cpu|cuda, --precision fp32|bf16|auto, --no-cuda-graphs,
 * --json (an array, one object per row);
 * --peer SCRIPT [--rounds N] alternates with a PyTorch script and prints the ratios, pair by pair;
 * --profile prints where each row's time goes, operator by operator.
 * `npm run bench -- editor` measures the editor instead (editor.ts).
 */
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { chooseCompute } from '../src/compute/choose-compute.js';
import { trainSchema } from '../src/config/schema.js';
import { type BenchCase, benchCases, gflopOf } from './cases.js';
import { benchEditor } from './editor.js';
import { measureJob } from './jobs.js';
import {
  type Contestants,
  compare,
  measurePeer,
  type Pair,
  ratioOf,
  roundHead,
  roundLine,
  summaryLines,
} from './peer.js';
import { profileText, profileWork, type WorkProfile } from './profile.js';
import { median, type Row } from './row.js';

const run = promisify(execFile);
const precisions = ['auto', 'fp32', 'bf16'] as const;

/** How every row is measured. */
interface Settings {
  readonly device: string;
  readonly precision: (typeof precisions)[number];
  readonly cudaGraphs: boolean | null;
  readonly runs: number;
}

/** Runs of a row that do not count; on a GPU one of them records a CUDA graph. */
const warmup = (device: string) => (device === 'cpu' ? 2 : 5);

try {
  const [first, ...rest] = process.argv.slice(2);
  await (first === 'editor' ? benchEditor(rest) : main());
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      runs: { type: 'string', default: '5' },
      device: { type: 'string', default: 'auto' },
      precision: { type: 'string', default: 'auto' },
      'no-cuda-graphs': { type: 'boolean', default: false },
      peer: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      profile: { type: 'boolean', default: false },
      /** Runs a row in this process; the bench starts itself with this. */
      row: { type: 'string' },
    },
  });
  const { json, peer } = values;
  const rounds = positive('--rounds', values.rounds);
  const precision = precisions.find(known => known === values.precision);
  if (precision === undefined)
    throw new Error(`--precision ${values.precision}: expected one of ${precisions.join(', ')}`);
  const { device } = chooseCompute(trainSchema.parse({ dataroot: 'bench', name: 'bench', device: values.device }));
  const settings = {
    device,
    precision,
    cudaGraphs: values['no-cuda-graphs'] ? false : null,
    runs: positive('--runs', values.runs),
  };
  if (values.row !== undefined) return runRow(findRow(values.row), settings, values.profile);

  const chosen = values.only === undefined ? benchCases : [findRow(values.only)];
  const names = chosen
    .filter(row => row.job !== 'loader' || (peer === undefined && !values.profile))
    .map(row => row.name);
  if (!json) process.stdout.write(`${machine(settings)}\n\n`);
  const print = (text: string) => {
    if (!json) process.stdout.write(`${text}\n`);
  };
  const all =
    peer !== undefined
      ? await compareAll(names, peer, settings, rounds, print)
      : values.profile
        ? await profileAll(names, settings, print)
        : await measureAll(names, settings, print);
  if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
}

function positive(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${option} ${text}: expected an integer of at least 1`);
  return Number(text);
}

function findRow(name: string): BenchCase {
  const found = benchCases.find(row => row.name === name);
  if (found === undefined) throw new Error(`no row '${name}'; rows: ${benchCases.map(row => row.name).join(', ')}`);
  return found;
}

/** Measures or profiles one row in this process and prints it as JSON. */
async function runRow(row: BenchCase, settings: Settings, profiled: boolean): Promise<void> {
  const { device, precision, cudaGraphs, runs } = settings;
  const benchCase = { ...row, config: { ...row.config, device, precision, cudaGraphs } };
  const result = profiled
    ? profileWork(benchCase, runs, warmup(device))
    : await measureRow(benchCase, runs, warmup(device));
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

async function measureRow(benchCase: BenchCase, runs: number, warmup: number): Promise<Row> {
  const seconds = median(await measureJob(benchCase, runs, warmup));
  return {
    name: benchCase.name,
    seconds: Number(seconds.toFixed(4)),
    gflops: Math.round(gflopOf(benchCase) / seconds),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** Runs {@link runRow} in its own process, so that the peak memory is the row's alone. @returns what it prints. */
async function inOwnProcess<T>(name: string, settings: Settings, ...more: string[]): Promise<T> {
  const { device, precision, cudaGraphs, runs } = settings;
  const args = ['--row', name, '--runs', String(runs), '--device', device, '--precision', precision, ...more];
  if (cudaGraphs === false) args.push('--no-cuda-graphs');
  const { stdout } = await run(process.execPath, [fileURLToPath(import.meta.url), ...args], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as T;
}

async function measureAll(names: readonly string[], settings: Settings, print: (text: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  print(columns('work', 'seconds', 'per second', 'GFLOP/s', 'peak MB'));
  for (const name of names) {
    const row = await inOwnProcess<Row>(name, settings);
    rows.push(row);
    const rate = (1 / row.seconds).toFixed(2);
    print(columns(name, row.seconds.toFixed(3), rate, row.gflops > 0 ? String(row.gflops) : '–', String(row.peakMb)));
  }
  return rows;
}

async function profileAll(
  names: readonly string[],
  settings: Settings,
  print: (text: string) => void,
): Promise<WorkProfile[]> {
  const all: WorkProfile[] = [];
  for (const name of names) {
    const taken = await inOwnProcess<WorkProfile>(name, settings, '--profile');
    all.push(taken);
    print(profileText(taken));
  }
  return all;
}

/**
 * Compares ours with PyTorch as usually run and as an expert runs it, and ours in float32 with the usual one, which is
 * float32 too. With `--precision fp32` only the latter.
 */
async function compareAll(
  names: readonly string[],
  script: string,
  settings: Settings,
  rounds: number,
  print: (text: string) => void,
): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const name of names) {
    const usual = () => measurePeer(script, name, { ...settings, tuned: false });
    const tuned = () => measurePeer(script, name, { ...settings, tuned: true });
    const ours = () => inOwnProcess<Row>(name, settings);
    const fp32 = () => inOwnProcess<Row>(name, { ...settings, precision: 'fp32' });
    const contestants: Contestants = settings.precision === 'fp32' ? { usual, fp32 } : { usual, ours, tuned, fp32 };
    const pairs: Pair[] = [
      ['usual', 'ours'],
      ['tuned', 'ours'],
      ['usual', 'fp32'],
    ];
    const held = pairs.filter(pair => pair.every(who => who in contestants));
    print(roundHead(name, contestants, held));
    const taken = await compare(contestants, rounds, (round, number) => print(roundLine(round, number, held)));
    print(`${summaryLines(taken, held)}\n`);
    all.push({
      name,
      rounds: taken,
      ratios: Object.fromEntries(held.map(pair => [pair.join('/'), ratioOf(taken, pair)])),
    });
  }
  return all;
}

function machine({ device, precision, runs }: Settings): string {
  const [first] = cpus();
  return `${first?.model.trim() ?? 'unknown CPU'}, ${cpus().length} logical CPUs, Node ${process.version}; ${device}, precision ${precision}, ${runs} runs per row`;
}

function columns(name: string, ...cells: string[]): string {
  return name.padEnd(18) + cells.map(cell => cell.padStart(16)).join('');
}
