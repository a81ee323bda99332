/** Trains what is missing of a comparison. Depends on its neighbours. */
import { join } from 'node:path';
import { mapConcurrently } from '../concurrently.js';
import { toArgv } from '../config/argv.js';
import { trainCommand } from '../config/commands/train.js';
import { formatDuration } from '../duration.js';
import { beginningOf, removeRun } from './beginning.js';
import type { TrainingOptions } from './candidates.js';
import type { Ledger } from './ledger.js';
import { measurePaces } from './pace.js';
import type { Plan, RunOrder } from './plan.js';
import { type Budget, haveLengths, stagesInBudget } from './stages-in-budget.js';
import { trainInProcess } from './train-process.js';

/** Something that happened to a run. */
export interface RunNews {
  readonly candidate: string;
  readonly seed: number;
  readonly state: 'divided' | 'kept' | 'begins' | 'goes on' | 'begins again' | 'done' | 'interrupted' | 'failed';
  /** More of it, where there is more to say. */
  readonly words: string;
}

/** How the training of all is followed and stopped. */
export interface RunsHooks {
  readonly onRun: (news: RunNews) => void;
  /** Called now and then with the steps of a run under way. */
  readonly onStep: (order: RunOrder, step: number) => void;
  readonly signal: AbortSignal;
}

/** Where the runs of a comparison are. */
export function runsFolder(out: string): string {
  return join(out, 'runs');
}

/**
 * Trains every run that is not done yet. A run that fails is told, and the others are trained.
 *
 * @throws UserError where coarse to fine cannot be measured, or a run is in use.
 */
export async function trainRuns(plan: Plan, out: string, ledger: Ledger, hooks: RunsHooks): Promise<void> {
  const { orders, budget, jobs } = plan;
  // Before anything else trains: a run beside it would slow it down.
  for (const order of orders) await decideStages(order, out, budget, ledger, hooks);
  const train = async (order: RunOrder) => {
    if (!hooks.signal.aborted) await trainOne(order, out, budget, ledger, hooks);
  };
  await mapConcurrently(orders, train, jobs);
}

/** Divides the budget among the stages of a candidate, once for all its seeds. */
async function decideStages(
  order: RunOrder,
  out: string,
  budget: Budget,
  ledger: Ledger,
  { onRun, signal }: RunsHooks,
): Promise<void> {
  const { candidate, seed, digest, options } = order;
  const { stages } = options;
  if (signal.aborted || stages == null || haveLengths(stages) || ledger.stages(digest) !== undefined) return;
  const paces = 'steps' in budget ? [] : await measurePaces(order, out, budget.minutes, signal);
  if (paces === undefined) return;
  const divided = stagesInBudget(stages, budget, paces);
  ledger.storeStages(digest, divided);
  onRun({ candidate, seed, state: 'divided', words: `--stages ${divided}` });
}

async function trainOne(
  order: RunOrder,
  out: string,
  budget: Budget,
  ledger: Ledger,
  { onRun, onStep, signal }: RunsHooks,
): Promise<void> {
  const { candidate, seed, name, options, digest, threads } = order;
  const tell = (state: RunNews['state'], words = '') => onRun({ candidate, seed, state, words });
  const runs = runsFolder(out);
  const before = ledger.run(name);
  const beginning = beginningOf(before, join(runs, name), budget);
  if (beginning.kind === 'kept') return tell('kept', `step ${before!.step}`);
  if (beginning.kind === 'again') {
    removeRun(runs, name);
    ledger.store(name, undefined);
    tell('begins again', beginning.why);
  } else if (beginning.kind === 'goes on') tell('goes on', beginning.why);
  else tell('begins');
  const place = { name, checkpointsDir: runs, ...(threads !== undefined && { threads }) };
  const stages = ledger.stages(digest);
  const whole: TrainingOptions = { ...options, ...(stages !== undefined && { stages }), ...place };
  const argv =
    beginning.kind === 'goes on'
      ? toArgv(trainCommand, { ...place, resume: true, ...limitOf(beginning.left) })
      : toArgv(trainCommand, { ...whole, ...limitOf(budget) }, true);
  const end = await trainInProcess(argv, { onStep: step => onStep(order, step), signal });
  const used = beginning.kind === 'goes on' ? before : undefined;
  if (end.kind === 'failed') {
    ledger.store(name, { state: 'failed', step: 0, seconds: 0, reason: end.found });
    return tell('failed', end.found);
  }
  const state = end.reason === 'interrupted' ? 'interrupted' : 'done';
  const step = Math.max(end.step, used?.step ?? 0);
  const seconds = end.seconds + (used?.seconds ?? 0);
  ledger.store(name, { state, step, seconds, reason: end.reason });
  const early = end.reason === 'finished' ? '; its schedule ended before the budget' : '';
  tell(state, `${step.toLocaleString('en')} steps in ${formatDuration(seconds)}${early}`);
}

function limitOf(budget: Budget): Pick<TrainingOptions, 'maxSteps' | 'maxMinutes'> {
  return 'steps' in budget ? { maxSteps: budget.steps } : { maxMinutes: budget.minutes };
}
