/** `results.json` of a comparison: everything that was trained and measured, for programs. Depends on judge and the plan. */
import { join } from 'node:path';
import { toArgv } from '../config/argv.js';
import { type CompareConfig, compareCommand } from '../config/commands/compare.js';
import { type Evaluation, evaluationOf } from '../judge/by-options/results-file.js';
import type { Judgement } from '../judge/judge.js';
import { shellWord } from '../shell-word.js';
import { inWords, type TrainingOptions } from './candidates.js';
import type { Ledger, RunRecord } from './ledger.js';
import type { Plan } from './plan.js';
import type { Budget } from './stages-in-budget.js';
import { runsFolder } from './train-runs.js';

/** A run as the results have it. */
export interface ComparedRun extends RunRecord {
  readonly seed: number;
  /** The folder of the run. */
  readonly folder: string;
}

/** A candidate as the results have it. */
export interface ComparedCandidate {
  readonly name: string;
  /** What it sets besides `base`. */
  readonly changes: TrainingOptions;
  /** How coarse to fine was divided, where the comparison did that. */
  readonly stages?: string;
  readonly runs: readonly ComparedRun[];
}

/** A table of the results: figures of candidates as `evaluate` has them of methods. */
export type ComparedTable = { readonly title: string } & Pick<Evaluation, 'images' | 'summaries' | 'differences'>;

/** What a comparison found. `figures` of candidates are means over their seeds. */
export interface Comparison extends Evaluation {
  readonly dataroot: string;
  readonly budget: Budget;
  readonly seeds: number;
  readonly base: TrainingOptions;
  readonly candidates: readonly ComparedCandidate[];
  readonly tables: readonly ComparedTable[];
}

/** The runs of the candidates. */
export function comparedCandidates(plan: Plan, out: string, ledger: Ledger): readonly ComparedCandidate[] {
  return plan.candidates.map(({ name, changes }) => {
    const own = plan.orders.filter(({ candidate }) => candidate === name);
    const stages = ledger.stages(own[0]!.digest);
    const runs = own.flatMap(order => {
      const run = ledger.run(order.name);
      return run === undefined ? [] : [{ seed: order.seed, folder: join(runsFolder(out), order.name), ...run }];
    });
    return { name, changes, ...(stages !== undefined && { stages }), runs };
  });
}

/** The results as data. @param whole the judgement of all candidates. */
export function comparisonOf(
  { dataroot, budget, seeds, base }: Plan,
  candidates: readonly ComparedCandidate[],
  whole: Judgement,
  tables: readonly { readonly title: string; readonly judgement: Judgement }[],
  { command, real }: { readonly command: string; readonly real: string },
): Comparison {
  return {
    ...evaluationOf(whole, command, real),
    ...{ dataroot, budget, seeds, base, candidates },
    tables: tables.map(({ title, judgement }) => {
      const { images, summaries, differences } = evaluationOf(judgement, command, real);
      return { title, images, summaries, differences };
    }),
  };
}

/** The command line that makes this again, from anywhere. @param config with whole paths. */
export function commandOf(config: CompareConfig, stated: TrainingOptions): string {
  const own = toArgv(compareCommand, { ...config, dryRun: false }).map(shellWord);
  return ['npx pix2pixhd compare', ...own, inWords(stated)].join(' ').trim();
}
