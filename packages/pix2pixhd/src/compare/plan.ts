/** From the options of `compare` to its runs. Depends on its neighbours, the configuration and data. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { physicalCores } from '@pix2pixhd/torch';
import type { AblationName, CompareConfig } from '../config/commands/compare.js';
import { layoutFor } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';
import { findSamples } from '../data/find/pairs.js';
import { formatDuration } from '../duration.js';
import { UsageError } from '../errors.js';
import { resolveRun } from '../run/resolve-run.js';
import { findTrainingSamples } from '../run/training-samples.js';
import { builtInCandidates } from './built-in.js';
import { type Candidates, commonToAll, inWords, layered, type TrainingOptions } from './candidates.js';
import { readConfigs } from './configs-file.js';
import { lookAtData } from './data-facts.js';
import type { Budget } from './stages-in-budget.js';

/** A training to be done. */
export interface RunOrder {
  readonly candidate: string;
  readonly seed: number;
  /** The name of its folder: the candidate's, the seed, and a digest of everything that it is trained with. */
  readonly name: string;
  /** The digest, without the seed: what is found out about a candidate holds for all its seeds. */
  readonly digest: string;
  /** What it is trained with, but for its name, place, budget and threads. */
  readonly options: TrainingOptions;
  /** How many threads it computes with; undefined for what training takes by itself. */
  readonly threads: number | undefined;
}

/** What is to be done. */
export interface Plan extends Candidates {
  readonly dataroot: string;
  readonly budget: Budget;
  readonly seeds: number;
  readonly jobs: number;
  /** Seed by seed, so that a comparison that is stopped has a run of every candidate first. */
  readonly orders: readonly RunOrder[];
}

/**
 * Makes the plan and checks it: every candidate's options, and the data.
 *
 * @param stated options of training that all candidates have.
 * @throws UserError for everything that would fail later, once hours have been spent.
 */
export async function makePlan(
  config: CompareConfig,
  stated: TrainingOptions,
  warn: (line: string) => void,
): Promise<Plan> {
  const budget = budgetOf(config);
  const { seeds, jobs, only, phase } = config;
  const dataroot = resolve(config.dataroot);
  const chosen = narrowed(await candidatesOf(config, dataroot, stated), only);
  const common = layered(commonToAll, chosen.base);
  const optionsOf = new Map(
    chosen.candidates.map(({ name, changes }) => [name, { ...layered(common, changes), dataroot }]),
  );
  await checkData([...optionsOf.values()].map(configOf), phase, warn);
  // Several processes with a thread for every core each wait for each other at every kernel: measured, five times slower.
  const threads = jobs > 1 ? Math.max(1, Math.floor(physicalCores() / jobs)) : undefined;
  const orders = Array.from({ length: seeds }, (_, seed) =>
    chosen.candidates.map(({ name }) => orderOf(name, seed, optionsOf.get(name)!, budget, threads)),
  ).flat();
  return { ...chosen, dataroot, budget, seeds, jobs, orders };
}

/** The whole configuration of a run, as far as it is known before it begins. */
export function configOf(options: TrainingOptions): TrainConfig {
  return resolveRun({ name: 'candidate', ...options }).config;
}

function budgetOf({ minutes, steps }: CompareConfig): Budget {
  if ((minutes === null) !== (steps === null)) return minutes === null ? { steps: steps! } : { minutes };
  throw new UsageError({
    code: minutes === null ? 'BAD_OPTION' : 'OPTION_CONFLICT',
    doing: 'reading the budget of a comparison',
    found: minutes === null ? 'neither --minutes nor --steps' : '--minutes and --steps',
    expected: 'one of them: what each run may use',
    remedy: minutes === null ? 'give --minutes N, or --steps N' : 'leave one of them out',
  });
}

async function candidatesOf(
  { configs, ablation }: CompareConfig,
  dataroot: string,
  stated: TrainingOptions,
): Promise<Candidates> {
  if (configs === null) {
    const asked = ablation?.split(',').map(name => name.trim() as AblationName);
    return builtInCandidates(await lookAtData(dataroot, stated), stated, asked);
  }
  if (ablation === null) return readConfigs(configs, stated);
  throw new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'choosing what to compare',
    where: '--ablation',
    found: '--configs as well',
    expected: 'one of them',
    remedy: 'leave one of them out',
  });
}

/** The candidates of `--only`, in its order. */
function narrowed(all: Candidates, only: string | null): Candidates {
  if (only === null) return all;
  const names = only.split(',').map(name => name.trim());
  const candidates = [...new Set(names)].map(name => {
    const found = all.candidates.find(candidate => candidate.name === name);
    if (found !== undefined) return found;
    throw new UsageError({
      code: 'BAD_OPTION',
      doing: 'choosing what to compare',
      where: '--only',
      found: name === '' ? 'a name that is empty' : `no candidate ${name}`,
      expected: `names with commas between them, of ${all.candidates.map(one => one.name).join(', ')}`,
      remedy: 'correct --only',
    });
  });
  const left = all.tables.map(table => ({
    ...table,
    candidates: names.filter(name => table.candidates.includes(name)),
  }));
  const comparing = left.filter(table => table.candidates.length > 1);
  const tables = comparing.length > 0 ? comparing : [{ title: 'all candidates', candidates: names }];
  return { ...all, candidates, tables };
}

/** The pairs to train on and those to compare on, for every layout that candidates have. */
async function checkData(configs: readonly TrainConfig[], phase: string, warn: (line: string) => void): Promise<void> {
  const seen = new Set<string>();
  for (const config of configs) {
    const layout = { ...layoutFor(config), useFeatures: config.loadFeatures };
    const { maxDatasetSize, labelMap, inputNc, outputNc } = config;
    const key = JSON.stringify({ layout, maxDatasetSize, labelMap, inputNc, outputNc, phase: config.phase });
    if (seen.has(key)) continue;
    seen.add(key);
    await findTrainingSamples(config, warn);
    findSamples(config.dataroot, phase, { ...layout, warn });
  }
}

function orderOf(
  candidate: string,
  seed: number,
  options: TrainingOptions,
  budget: Budget,
  shared: number | undefined,
): RunOrder {
  const sorted = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash('sha256')
    .update(JSON.stringify([candidate, sorted, budget]))
    .digest('hex')
    .slice(0, 8);
  const name = `${candidate}-seed${seed}-${digest}`;
  return { candidate, seed, digest, name, options: { ...options, seed }, threads: options.threads ?? shared };
}

/** The budget of a run in words: `4 min 00 s`, `2,500 steps`. */
export function budgetInWords(budget: Budget): string {
  return 'steps' in budget ? `${budget.steps.toLocaleString('en')} steps` : formatDuration(60 * budget.minutes);
}

/** The plan as text: what each candidate is, and how long all of it takes. @param open the runs that are still to be done. */
export function describePlan({ base, candidates, seeds, jobs, orders, budget }: Plan, open: number): string {
  const width = Math.max(...candidates.map(({ name }) => name.length));
  const done = orders.length - open;
  const rounds = Math.ceil(open / jobs);
  return [
    `${orders.length} runs of ${budgetInWords(budget)} each: ${candidates.length} candidates, ${seeds === 1 ? 'one seed' : `${seeds} seeds`}${done === 0 ? '' : `; ${done} of the runs are done already`}`,
    'minutes' in budget
      ? `time: ${formatDuration(60 * budget.minutes * rounds)} of training${jobs === 1 ? '' : `, ${jobs} runs at a time`}; besides, some seconds for each run to begin and for its images to be compared`
      : 'time: as long as the steps take; after the first run it is known',
    '',
    ...candidates.map(({ name, changes }) => `${name.padEnd(width)}  ${inWords(changes) || 'what all have in common'}`),
    '',
    `all have in common: ${inWords(layered(base))}`,
  ].join('\n');
}
