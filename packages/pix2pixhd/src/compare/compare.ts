/** From a plan to its files: trains what is missing, judges all runs, and writes the results. Depends on its neighbours and judge. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CompareConfig } from '../config/commands/compare.js';
import { evaluateSchema } from '../config/commands/evaluate.js';
import { trainSchema } from '../config/schema.js';
import { UserError } from '../errors.js';
import { evaluateByOptions } from '../judge/by-options/evaluate.js';
import type { GeneratingHooks } from '../judge/by-options/generated-images.js';
import { outputsIn } from '../judge/by-options/output-files.js';
import { inputImages } from '../judge/by-options/sources.js';
import type { Judgement } from '../judge/judge.js';
import { renderEvaluationPage } from '../judge/page/evaluation-page.js';
import { liesIn } from '../output/guard.js';
import { makeFolder } from '../output/make-folder.js';
import { type JudgedCandidate, judgeCandidates } from './by-candidate.js';
import type { TrainingOptions } from './candidates.js';
import type { Ledger } from './ledger.js';
import { drawLead } from './page.js';
import type { Plan } from './plan.js';
import {
  type ComparedCandidate,
  type Comparison,
  commandOf,
  comparedCandidates,
  comparisonOf,
} from './results-file.js';
import { type RunsHooks, trainRuns } from './train-runs.js';

/** What came out. */
export interface Compared {
  readonly comparison: Comparison;
  /** Of all candidates. */
  readonly whole: Judgement;
  /** The tables, in the order in which they are printed. */
  readonly tables: readonly { readonly title: string; readonly judgement: Judgement }[];
  /** Candidates without all their runs: they are in no table. */
  readonly incomplete: readonly ComparedCandidate[];
  /** The files written. */
  readonly results: string;
  readonly report: string;
}

/** What is told meanwhile, and what stops it. */
export type CompareHooks = RunsHooks & GeneratingHooks;

/**
 * Trains, judges and writes. Threads are the process' business.
 *
 * @param stated options of training that all candidates have.
 * @returns undefined where the signal ended it; what was done is kept, and the same options go on.
 * @throws UserError where files of others are in the way, or no candidate is left.
 */
export async function compare(
  plan: Plan,
  config: CompareConfig,
  stated: TrainingOptions,
  ledger: Ledger,
  hooks: CompareHooks,
): Promise<Compared | undefined> {
  const out = resolve(config.out);
  expectElsewhere(out, plan.dataroot, config.phase);
  const outputs = outputsIn({
    ...{ out, inputFolders: [plan.dataroot], doing: 'writing the results of a comparison', mark: 'pix2pixhd compare' },
  });
  // What cannot be written is said before hours are spent.
  makeFolder(out);
  await trainRuns(plan, out, ledger, hooks);
  if (hooks.signal.aborted) return undefined;
  const candidates = comparedCandidates(plan, out, ledger);
  const isWhole = ({ runs }: ComparedCandidate) => runs.filter(({ state }) => state === 'done').length === plan.seeds;
  const whole = candidates.filter(isWhole);
  if (whole.length === 0) throw nothingLeft(candidates);
  const judged = whole.map(({ name, runs }): JudgedCandidate & Pick<ComparedCandidate, 'runs'> => ({
    ...{ name, runs },
    names: runs.map(({ seed }) => (plan.seeds === 1 ? name : `${name}.seed${seed}`)),
  }));
  const evaluateConfig = evaluateSchema.parse({
    checkpoints: judged.flatMap(({ names, runs }) => runs.map(({ folder }, i) => `${names[i]}=${folder}`)),
    ...{ dataroot: plan.dataroot, phase: config.phase, metrics: config.metrics, weights: config.weights },
    ...{ device: stated.device, precision: stated.precision, out: join(out, 'evaluation') },
  });
  const evaluated = await evaluateByOptions(evaluateConfig, hooks);
  if (evaluated === undefined) return undefined;
  const all = judgeCandidates(evaluated.judgement, judged);
  const tables = plan.tables.flatMap(({ title, candidates: names, stems }) => {
    const own = names.flatMap(name => judged.find(one => one.name === name) ?? []);
    const judgement = judgeCandidates(evaluated.judgement, own, stems);
    return own.length === 0 || judgement.rows.length === 0 ? [] : [{ title, judgement }];
  });
  const facts = {
    command: commandOf({ ...config, ...wholePaths(config), out }, stated),
    real: evaluated.evaluation.real,
  };
  const comparison = comparisonOf(plan, candidates, all, tables, facts);
  const title = `${whole.map(({ name }) => name).join(', ')}: an equal budget for each`;
  const page = await renderEvaluationPage(
    { ...facts, title, by: 'compare', lead: drawLead(plan, candidates, tables) },
    all,
    inputImages(evaluateConfig),
    evaluated.reading,
  );
  outputs.write(outputs.results, `${JSON.stringify(comparison)}\n`);
  outputs.write(outputs.report, page);
  const incomplete = candidates.filter(candidate => !isWhole(candidate));
  return { comparison, whole: all, tables, incomplete, results: outputs.results, report: outputs.report };
}

/** Refuses to write among the images. */
function expectElsewhere(out: string, dataroot: string, phase: string): void {
  const phases = [phase, trainSchema.shape.phase.parse(undefined)];
  const folders = readdirSync(dataroot).filter(name => phases.some(one => name.startsWith(one)));
  const among = folders.find(name => liesIn(out, join(dataroot, name)));
  if (among === undefined) return;
  throw new UserError({
    code: 'OUTPUT_REFUSED',
    doing: 'writing the results of a comparison',
    where: out,
    found: `a folder among the images of ${among}`,
    expected: 'a folder elsewhere',
    remedy: 'give --out another folder',
  });
}

function wholePaths({ dataroot, configs }: CompareConfig): Pick<CompareConfig, 'dataroot' | 'configs'> {
  return { dataroot: resolve(dataroot), configs: configs === null ? null : resolve(configs) };
}

function nothingLeft(candidates: readonly ComparedCandidate[]): UserError {
  const reasons = candidates.flatMap(({ name, runs }) =>
    runs.map(({ seed, reason }) => `${name}, seed ${seed}: ${reason}`),
  );
  return new UserError({
    code: 'INPUTS_FAILED',
    doing: 'comparing candidates',
    found: `no candidate has all its runs:\n${reasons.join('\n')}`,
    expected: 'at least one',
    remedy: 'correct what training says of them, or choose others with --only',
  });
}
