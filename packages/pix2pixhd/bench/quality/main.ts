/**
 * `npm run bench:quality`: which options make better images in the same time. Trains every candidate with every seed, measures the
 * held-out pairs, and writes a table, a sheet side by side and `results.json`. What is done already is not done again.
 * Depends on its neighbours, evaluation and report.
 *
 * Options: --data FOLDER (train_… and test_…), --configs FILE, --minutes M or --steps N, --seeds N (3), --jobs N (1) runs at a
 * time, --out FOLDER (out/quality), --only NAME,NAME, --feature-steps N (400) of the network for the feature distance.
 * The configs file: {"base": {options of train, as config.json names them}, "candidates": {"NAME": {options}, …},
 * "groups": {"NAME": [stems of held-out pairs that have a table of their own], …}}; groups may be left out.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { mapConcurrently } from '../../src/concurrently.js';
import { decodeImage } from '../../src/data/decode/decode.js';
import { formatFigure, metricNames } from '../../src/evaluation/metrics.js';
import { makeFolder } from '../../src/output/make-folder.js';
import type { Image8 } from '../../src/raster.js';
import { composeSheet } from '../../src/report/sheet.js';
import { bootstrapOverSeeds } from '../../src/statistics/bootstrap.js';
import { trainFeatureNetwork } from './feature-distance.js';
import { lastConfig, pairsOf } from './held-out.js';
import type { QualityFigures, RunOrder, RunOutcome } from './run.js';

const start = promisify(execFile);
const program = fileURLToPath(new URL('./run.js', import.meta.url));
const imagesShown = 8;
const figureNames = [...metricNames, 'features'] as const;

type FigureName = keyof QualityFigures;

interface Configs {
  readonly base: Record<string, unknown>;
  readonly candidates: Readonly<Record<string, Record<string, unknown>>>;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}

/** A finished run, as `results.json` keeps it. */
interface Result {
  readonly candidate: string;
  readonly seed: number;
  /** The options it was trained with: another set is another run. */
  readonly options: Record<string, unknown>;
  readonly outcome: RunOutcome;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench:quality: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      configs: { type: 'string' },
      minutes: { type: 'string' },
      steps: { type: 'string' },
      seeds: { type: 'string', default: '3' },
      jobs: { type: 'string', default: '1' },
      out: { type: 'string', default: 'out/quality' },
      'feature-steps': { type: 'string', default: '400' },
      only: { type: 'string' },
    },
  });
  const { data, configs: file, minutes, steps } = values;
  if (data === undefined || file === undefined) throw new Error('--data FOLDER and --configs FILE are needed');
  if ((minutes === undefined) === (steps === undefined)) throw new Error('give either --minutes or --steps');
  const limit =
    minutes === undefined ? { maxSteps: positive('--steps', steps) } : { maxMinutes: positive('--minutes', minutes) };
  const { base, candidates, groups = {} } = JSON.parse(readFileSync(file, 'utf8')) as Configs;
  const wanted = values.only?.split(',') ?? Object.keys(candidates);
  const unknown = wanted.find(name => candidates[name] === undefined);
  if (unknown !== undefined) throw new Error(`--only ${unknown}: ${file} has ${Object.keys(candidates).join(', ')}`);
  const out = resolve(values.out);
  makeFolder(out);
  const orders = Array.from({ length: positive('--seeds', values.seeds) }, (_, seed) =>
    wanted.map(candidate => ({
      candidate,
      seed,
      options: { ...base, ...candidates[candidate], ...limit, seed, dataroot: resolve(data) },
    })),
  ).flat();

  const results = readResults(out);
  const known = (order: (typeof orders)[number]) =>
    results.find(({ candidate, seed, options }) =>
      same({ candidate, seed, options }, { candidate: order.candidate, seed: order.seed, options: order.options }),
    );
  const open = orders.filter(order => known(order) === undefined);
  console.log(`${orders.length} runs, ${orders.length - open.length} of them done already`);
  const featureNetwork = join(out, 'feature-network.safetensors');
  if (!existsSync(featureNetwork) && orders[0] !== undefined) {
    const { samples, spec } = pairsOf(lastConfig(orders[0].options), 'train');
    await trainFeatureNetwork(featureNetwork, samples, spec, positive('--feature-steps', values['feature-steps']));
  }
  const run = async (order: (typeof orders)[number]) => {
    const outcome = await runOne(out, order, featureNetwork);
    if (outcome === undefined) return;
    results.push({ ...order, outcome });
    writeFileAtomic(join(out, 'results.json'), JSON.stringify(results));
    const { steps, secondsPerStep } = outcome;
    console.log(`${order.candidate}, seed ${order.seed}: ${steps} steps, ${secondsPerStep.toFixed(4)} s each`);
  };
  await mapConcurrently(open, run, positive('--jobs', values.jobs));
  const finished = orders.map(known).filter(result => result !== undefined);
  console.log(`\n${table(wanted, finished)}`);
  for (const [name, stems] of Object.entries(groups))
    console.log(`\n${name} (${stems.length} pairs)\n${table(wanted, finished, stems)}`);
  writeFileAtomic(join(out, 'sheet.png'), await sheet(out, wanted, finished));
  console.log(`\n${join(out, 'sheet.png')}, ${join(out, 'results.json')}`);
}

function nameOf({ candidate, seed }: { candidate: string; seed: number }): string {
  return `${candidate}-${seed}`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function positive(option: string, text: string | undefined): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option} ${text}: expected a number above 0`);
  return value;
}

function readResults(out: string): Result[] {
  const file = join(out, 'results.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result[]) : [];
}

/** Trains and measures in a process of its own. @returns undefined where it failed, which is told. */
async function runOne(
  out: string,
  order: Omit<Result, 'outcome'>,
  featureNetwork: string,
): Promise<RunOutcome | undefined> {
  const name = nameOf(order);
  // A run that was cut off begins again: its time would not be that of the others.
  const checkpointsDir = join(out, 'runs', `${name}-${Date.now()}`);
  const given: RunOrder = {
    options: { ...order.options, name, checkpointsDir },
    shown: imagesShown,
    images: join(out, 'images', name),
    featureNetwork,
  };
  try {
    const { stdout } = await start(process.execPath, [program, JSON.stringify(given)], { maxBuffer: 1 << 26 });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as RunOutcome;
  } catch (error) {
    console.error(`${name} failed: ${(error as { stderr?: string }).stderr || String(error)}`);
    return undefined;
  }
}

/**
 * One line per candidate: each figure's mean and interval over seeds and pairs, or those of some pairs; below it, how far the
 * candidate is from the first one on the same pairs.
 */
function table(candidates: readonly string[], results: readonly Result[], stems?: readonly string[]): string {
  const width = Math.max(...candidates.map(name => name.length), 'less the first'.length);
  const runsOf = (candidate: string) =>
    results.filter(result => result.candidate === candidate).sort((a, b) => a.seed - b.seed);
  const first = runsOf(candidates[0]!);
  const lines = candidates.flatMap(candidate => {
    const mine = runsOf(candidate);
    if (mine.length === 0) return [`${candidate.padEnd(width)}  no run`];
    const steps = Math.round(mine.reduce((sum, { outcome }) => sum + outcome.steps, 0) / mine.length);
    const figures = (name: FigureName) => mine.map(run => figuresOf(run, name, stems));
    const own = `${candidate.padEnd(width)}  ${String(mine.length).padStart(5)}  ${String(steps).padStart(7)}  ${cells(figures)}`;
    if (candidate === candidates[0] || mine.length !== first.length) return [own];
    const less = (name: FigureName) =>
      figures(name).map((seed, i) => seed.map((figure, pair) => figure - figuresOf(first[i]!, name, stems)[pair]!));
    return [own, `${'  less the first'.padEnd(width + 18)}${cells(less)}`];
  });
  const head = `${'candidate'.padEnd(width)}  seeds    steps  ${figureNames.map(name => name.padEnd(32)).join('')}`;
  return [head, ...lines].join('\n');
}

function figuresOf({ outcome }: Result, name: FigureName, stems?: readonly string[]): number[] {
  return outcome.pairs.filter(({ stem }) => stems?.includes(stem) ?? true).map(({ figures }) => figures[name]);
}

function cells(figures: (name: FigureName) => number[][]): string {
  const cell = (name: FigureName) => {
    const { mean, low, high } = bootstrapOverSeeds(figures(name));
    return `${format(name, mean)} (${format(name, low)} to ${format(name, high)})`.padEnd(32);
  };
  return figureNames.map(cell).join('').trimEnd();
}

function format(name: FigureName, value: number): string {
  return name === 'features' ? value.toFixed(4) : formatFigure(name, value);
}

/** The same held-out pairs of every candidate's first run, between input and real image. */
async function sheet(out: string, candidates: readonly string[], results: readonly Result[]): Promise<Buffer> {
  const firsts = candidates
    .map(name => results.find(({ candidate }) => candidate === name))
    .filter(run => run !== undefined);
  const first = firsts[0];
  if (first === undefined) throw new Error('every run failed; nothing to show');
  const rows = await Promise.all(
    first.outcome.shown.map(async stem => {
      const image = (run: Result, what: string) => readImage8(join(out, 'images', nameOf(run), `${stem}.${what}.png`));
      const input = existsSync(join(out, 'images', nameOf(first), `${stem}.input.png`)) ? [image(first, 'input')] : [];
      return {
        label: stem,
        images: await Promise.all([...input, ...firsts.map(run => image(run, 'generated')), image(first, 'real')]),
      };
    }),
  );
  const inputs = rows.some(({ images }) => images.length > firsts.length + 1) ? ['input'] : [];
  return composeSheet({
    title: `Held-out pairs, ${first.outcome.steps.toLocaleString('en')} steps`,
    columns: [...inputs, ...firsts.map(({ candidate }) => candidate), 'real'],
    rows,
  });
}

/** An image that a run kept: 8 bits, as it wrote them. */
async function readImage8(path: string): Promise<Image8> {
  return (await decodeImage(path)) as Image8;
}
