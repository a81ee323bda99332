/**
 * `compare/`: several configurations trained on one data set under an equal budget, and compared on its held-out pairs. A
 * configuration is options of `train` and nothing else: each run is a process of `pix2pixhd train`, and `evaluate` judges.
 *
 * This file says what a candidate is, and which options it is trained with. Depends on the options of training.
 */
import { checkGiven } from '../api/given-options.js';
import { type GivenOptions, toArgv } from '../config/argv.js';
import { trainCommand } from '../config/commands/train.js';
import { withPreset } from '../config/presets.js';
import type { trainSchema } from '../config/schema.js';
import { shellWord } from '../shell-word.js';

/** Options of training, as far as they are given. */
export type TrainingOptions = GivenOptions<typeof trainSchema>;

/** A configuration to be compared. */
export interface Candidate {
  readonly name: string;
  /** What it sets besides what all candidates have in common. */
  readonly changes: TrainingOptions;
}

/** Candidates that belong into one table, by name; the first one is what the others are compared with. */
export interface Table {
  readonly title: string;
  readonly candidates: readonly string[];
  /** The held-out pairs that the table is of, by stem; default all. */
  readonly stems?: readonly string[];
}

/** What is to be compared. */
export interface Candidates {
  /** What all have in common. */
  readonly base: TrainingOptions;
  readonly candidates: readonly Candidate[];
  readonly tables: readonly Table[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** Options of training that the comparison decides for every run. */
export const DECIDED = [
  'name',
  'checkpointsDir',
  'resume',
  'dryRun',
  'dataroot',
  'maxSteps',
  'maxMinutes',
  'seed',
] as const;

/** Epochs beyond every budget: it alone ends a run, at the full learning rate. */
const ENDLESS = 1_000_000;

/**
 * What runs of a comparison do beside training, and how they end: nothing takes time that does not train, and the learning
 * rate stays, since a schedule of epochs would favour whatever does more steps in the time.
 */
export const commonToAll = {
  niter: ENDLESS,
  niterDecay: 0,
  displayFreq: 0,
  printFreq: 20,
  saveLatestFreq: 0,
  saveLatestMinutes: 5,
  saveEpochFreq: 0,
  keepCheckpoints: 1,
} as const satisfies TrainingOptions;

/**
 * The options of several layers, later ones before earlier ones. A preset stands for its options where it is given.
 *
 * @throws UsageError where an option does not exist, has a value that is not accepted, or is not a candidate's to decide.
 */
export function layered(...layers: readonly object[]): TrainingOptions {
  const merged: Record<string, unknown> = {};
  for (const layer of layers)
    Object.assign(merged, withPreset(checkGiven(trainCommand, layer, { required: [], without: DECIDED })));
  delete merged.preset;
  return merged as TrainingOptions;
}

/** Options as a command line has them: `--num-D 1`; empty where there are none. */
export function inWords(options: TrainingOptions): string {
  return toArgv(trainCommand, options, true).map(shellWord).join(' ');
}
