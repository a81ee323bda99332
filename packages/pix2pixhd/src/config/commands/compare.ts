/**
 * The command `compare` as a user sees it: its options, purpose and examples. What it does is in `compare/`. Depends on the
 * options of training and of `evaluate`.
 */
import { z } from 'zod';
import { option, selectOptions } from '../option.js';
import { trainSchema } from '../schema.js';
import { count, flag, path, phase } from '../shared-options.js';
import type { CommandSpec } from './command.js';
import { evaluateMetrics, evaluateWeights } from './evaluate.js';

/** The ablations of the paper, by which `--ablation` names them, in the order in which they are printed. */
export const ablationNames = ['generator', 'discriminator', 'losses', 'instances', 'baselines'] as const;

/** The name of an ablation. */
export type AblationName = (typeof ablationNames)[number];

const isAblationList = (text: string) =>
  text.split(',').every(name => (ablationNames as readonly string[]).includes(name.trim()));

/** The schema of `pix2pixhd compare`. */
export const compareSchema = z.strictObject({
  dataroot: option(path(), {
    group: 'run',
    value: 'FOLDER',
    nvidia: 'dataroot',
    help: 'Dataset to train on, with held-out pairs to compare on.',
  }),
  minutes: option(z.number().positive().nullable().default(null), {
    group: 'run',
    value: 'MINUTES',
    whenNull: 'a budget of steps',
    help: 'Minutes that each run trains for. Give this or --steps.',
  }),
  steps: option(count.nullable().default(null), {
    group: 'run',
    value: 'N',
    whenNull: 'a budget of minutes',
    help: 'Steps that each run trains for.',
  }),
  seeds: option(count.max(100).default(1), {
    group: 'run',
    value: 'N',
    help: 'Runs of each candidate, with the seeds 0 to N-1: how far trainings differ by chance becomes part of the intervals.',
  }),
  ablation: option(z.string().refine(isAblationList).nullable().default(null), {
    group: 'run',
    value: 'NAMES',
    whenNull: 'all that the data allow',
    allowed: `names with commas between them, of ${ablationNames.join(', ')}`,
    help: `The paper's ablations to make, with commas between the names: ${ablationNames.join(', ')}.`,
  }),
  configs: option(path().nullable().default(null), {
    group: 'run',
    value: 'FILE',
    whenNull: 'the ablations',
    help: 'JSON file of your own candidates instead of the ablations: {"base": {options of train}, "candidates": {"NAME": {options}, …}}, with options as config.json of a run names them.',
  }),
  only: option(path().nullable().default(null), {
    group: 'run',
    value: 'NAMES',
    whenNull: 'all candidates',
    allowed: 'names of candidates with commas between them',
    help: 'Only these candidates, with commas between the names. The first one is what the others are compared with.',
  }),
  jobs: option(count.max(64).default(1), {
    group: 'run',
    value: 'N',
    help: 'Runs at a time. Each gets its share of the cores, so that minutes are shorter for all of them.',
  }),
  dryRun: option(flag(), {
    group: 'run',
    help: 'Print the runs, what each differs in and how long all take, then exit.',
  }),
  phase: phase('input', 'test', 'Which folders of the dataset hold the pairs to compare on.'),
  metrics: evaluateMetrics(),
  weights: evaluateWeights(),
  out: option(path().default('compare'), {
    group: 'output',
    value: 'FOLDER',
    help: 'Folder for report.html, results.json, the runs and their images. Called again with it, only what is missing is done.',
  }),
});

/** What is decided for each run by the comparison itself, besides the options of its own that have the same names. */
const decided = [
  'name',
  'checkpointsDir',
  'resume',
  'maxSteps',
  'maxMinutes',
  'seed',
  'stages',
  'loadPretrain',
  'preset',
];

/** Options of training that all candidates have in common. */
export const commonOptions = selectOptions(
  trainSchema,
  ({ key }) => !decided.includes(key) && !(key in compareSchema.shape),
);

/** All options of `compare`, resolved. */
export type CompareConfig = Readonly<z.output<typeof compareSchema>>;

/** `pix2pixhd compare`. */
export const compareCommand = {
  name: 'compare',
  summary: "Train several configurations under an equal budget and compare them: the paper's ablations.",
  usage: 'FOLDER (--minutes N | --steps N) [options]',
  operand: { value: 'FOLDER', key: 'dataroot' },
  ofTraining: { options: commonOptions, role: 'set' },
  examples: [
    {
      explains: 'what would be trained, and how long it takes',
      command: 'pix2pixhd compare data/city --minutes 30 --dry-run',
    },
    {
      explains: 'two of the ablations, each training three times',
      command: 'pix2pixhd compare data/city --minutes 30 --seeds 3 --ablation generator,losses --out out/ablations',
    },
    {
      explains: 'candidates of your own at equal steps',
      command: 'pix2pixhd compare data/city --steps 2500 --configs candidates.json',
    },
  ],
  schema: compareSchema,
} as const satisfies CommandSpec;
