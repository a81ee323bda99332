/**
 * The training loop: batches to the session, losses to the log, samples, page and checkpoints to the run folder, until a
 * limit or Ctrl-C. Depends on the session, data, checkpoint store, run folder and clock; no loss arithmetic.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Checkpoint } from '../checkpoint/checkpoint.js';
import type { CheckpointStore } from '../checkpoint/store.js';
import type { TrainConfig } from '../config/schema.js';
import type { Loader } from '../data/load/loader.js';
import { UserError } from '../errors.js';
import { LossHistory } from '../report/loss-history.js';
import type { TrainingSession } from '../training/session.js';
import { Checkpointer } from './checkpointer.js';
import { windowSteps } from './health/thresholds.js';
import type { Interrupt } from './interrupt.js';
import { lookAhead } from './look-ahead.js';
import { LossLog, type LossRecord } from './loss-log.js';
import { Monitor } from './monitor.js';
import type { Progress } from './progress.js';
import type { RunFolder } from './run-folder.js';
import { failed, RunReport, type Standing } from './run-report.js';
import type { SamplePairs } from './samples.js';
import { TimeSpent } from './time-spent.js';

/** A stage of a run that is ready to train: {@link TrainingSession} and its data. */
export interface OpenStage {
  readonly session: TrainingSession;
  readonly loader: Loader;
  readonly samples: SamplePairs;
}

/** Everything a run is made of. */
export interface Run {
  readonly folder: RunFolder;
  readonly store: CheckpointStore;
  readonly progress: Progress;
  readonly interrupt: Interrupt;
  /** The best score so far of the stage the run stands in; infinity where there is none. */
  readonly bestScore: number;
  /** The stage the run stands in. */
  readonly stage: OpenStage;
  /** Closes the stage and opens the one after it, begun with its weights. @returns false after the last one. */
  readonly toNextStage: () => Promise<boolean>;
}

/** Why a run ended, and where. */
export interface RunResult {
  readonly reason: 'finished' | 'max-steps' | 'max-minutes' | 'interrupted';
  readonly step: number;
  /** Mean seconds of a step, over this invocation; NaN when there was none. */
  readonly secondsPerStep: number;
  /** Which part of waiting and computing was waiting for the next batch, 0…1; NaN when there was no step. */
  readonly waitShare: number;
  /** Where the time of this invocation went, in a line: {@link TimeSpent.describe}. */
  readonly time: string;
  /** How the run did, in a line. */
  readonly health: string;
}

/** What goes on while a run trains, whatever its stage. */
interface Records {
  readonly log: LossLog;
  /** All steps of the run, for its page. */
  readonly history: LossHistory;
  readonly time: TimeSpent;
}

/**
 * Trains until the schedule or a limit ends it, or until interrupted; saves whatever the reason, an error included: then
 * as far as the state in memory can be trusted, and what is lost is said.
 * @throws UserError where an image cannot be used or a file not be written; whatever a step throws.
 */
export async function trainLoop(run: Run): Promise<RunResult> {
  const { folder, progress } = run;
  const time = new TimeSpent();
  const say = (line: string) => progress.note(line);
  const startStep = run.stage.session.position.step;
  const history = new LossHistory();
  const newest: LossRecord[] = [];
  const log = time.measure('log', () =>
    LossLog.open(folder.lossLog, startStep, record => {
      history.add(record);
      if (newest.push(record) > windowSteps) newest.shift();
    }),
  );
  const records = { log, history, time };
  if (log.dropped > 0) say(`steps after the last checkpoint, done again: ${log.dropped}`);
  const report = new RunReport(folder, run.stage.session.config, history);
  let monitor = new Monitor(run.stage.session, folder, say, newest);
  let checkpointer = new Checkpointer(run, monitor, report, time, run.bestScore);
  try {
    for (;;) {
      const reason = await trainStage(run, checkpointer, monitor, records);
      const { session } = run.stage;
      const { step } = session.position;
      await checkpointer.finish();
      if (reason === 'finished') {
        checkpointer.closeStage();
        if (await run.toNextStage()) {
          // Scores of different sizes cannot be compared.
          monitor[Symbol.dispose]();
          monitor = new Monitor(run.stage.session, folder, say);
          checkpointer = new Checkpointer(run, monitor, report, time, Number.POSITIVE_INFINITY);
          continue;
        }
      }
      checkpointer.writePage(standingAtEnd(reason, session.config));
      const steps = step - startStep;
      const waitShare = time.on('data') / (time.on('data') + time.on('steps'));
      const { healthLine: health } = monitor;
      // Whoever pressed Ctrl-C while the last checkpoint was written wants nothing to follow.
      const ended = run.interrupt.requested ? 'interrupted' : reason;
      const secondsPerStep = time.on('steps') / steps;
      return { reason: ended, step, secondsPerStep, waitShare, time: time.describe(), health };
    }
  } catch (error) {
    // Weights that no step survives are the one thing that is not worth keeping.
    if (!(error instanceof DivergedError)) await checkpointer.rescue(error instanceof UserError);
    if (run.stage.session.position.step > 0) checkpointer.writePage(failed);
    throw error;
  } finally {
    progress.finish();
    monitor[Symbol.dispose]();
    log.close();
  }
}

/** How the page calls the end of a run. */
function standingAtEnd(reason: RunResult['reason'], { maxSteps, maxMinutes }: TrainConfig): Standing {
  if (reason === 'interrupted') return { status: 'stopped', words: 'interrupted' };
  const words = {
    finished: 'finished',
    'max-steps': `reached --max-steps ${maxSteps}`,
    'max-minutes': `reached its ${maxMinutes} ${maxMinutes === 1 ? 'minute' : 'minutes'}`,
  };
  return { status: 'finished', words: words[reason] };
}

/** Trains the stage that is open until it is done or something ends the run. */
async function trainStage(
  run: Run,
  checkpointer: Checkpointer,
  monitor: Monitor,
  { log, history, time }: Records,
): Promise<RunResult['reason']> {
  const { interrupt, progress, stage } = run;
  const { session, loader } = stage;
  const { config, position } = session;
  const reason = (): RunResult['reason'] | undefined => {
    if (interrupt.requested) return 'interrupted';
    if (config.maxSteps !== null && position.step >= config.maxSteps) return 'max-steps';
    if (config.maxMinutes !== null && time.elapsed >= config.maxMinutes * 60) return 'max-minutes';
    return session.finished ? 'finished' : undefined;
  };
  let ended = reason();
  while (ended === undefined) {
    const { epoch } = position;
    const batches = loader.epoch(epoch, position.batch);
    const groups = lookAhead(inGroups(batches, config.accumulate), session.uploadsAhead);
    for await (const { item: group, next } of waitedFor(groups, time)) {
      const before = time.on('steps');
      const { losses, applied } = time.measure('steps', () => session.step(group, loader.batchesPerEpoch, next));
      const seconds = time.on('steps') - before;
      for (const batch of group) loader.release(batch);
      const record = { step: position.step, epoch, ...losses, seconds: Number(seconds.toFixed(4)) };
      time.measure('log', () => log.append(record));
      history.add(record);
      progress.step({ step: position.step, epoch, losses });
      const decision = monitor.step(position.step, losses, applied, checkpointer.lastGood);
      if (decision === 'ok') await checkpointer.afterStep(position.batch === 0 ? epoch : null);
      else recoverFromNonFinite(run, decision, checkpointer);
      // Batches that are ready come without a turn of the event loop, in which alone Ctrl-C is seen.
      await nextTurn();
      ended = reason();
      if (ended !== undefined) break;
    }
  }
  return ended;
}

/** The items of a source; waiting for them is counted. */
async function* waitedFor<T>(items: AsyncGenerator<T>, time: TimeSpent): AsyncGenerator<T> {
  try {
    for (;;) {
      const result = await time.measureAsync('data', () => items.next());
      if (result.done) return;
      yield result.value;
    }
  } finally {
    await items.return(undefined);
  }
}

/** Items in groups of a size; the last group may be smaller. */
async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** After a step that was not finite and changed nothing. */
function recoverFromNonFinite(
  { stage, store, progress }: Run,
  decision: 'skipped' | 'roll-back' | 'stop',
  checkpointer: Checkpointer,
): void {
  const { session } = stage;
  const { step } = session.position;
  const good = checkpointer.lastGood;
  if (decision !== 'skipped') checkpointer.dropDoubtful();
  if (decision === 'skipped') {
    progress.note(`step ${step} was left out: a loss or a gradient is not finite`);
  } else if (decision === 'roll-back') {
    rollBack(session, store.pathOf(good!));
    progress.note(`step ${step}: back to the weights of step ${good}, since several steps in a row were not finite`);
  } else {
    throw new DivergedError({
      code: 'TRAINING_DIVERGED',
      doing: 'training',
      where: `step ${step}`,
      found: 'losses that are not finite, again and again',
      expected: 'numbers',
      advice: { kind: 'diverged', from: good },
      remedy: `${good === null ? fromTheBeginning(session) : `--resume goes on from step ${good}: do so`} with a lower --lr, or with --precision fp32${good === null ? '' : orFromEarlier(store, good)}`,
    });
  }
}

function rollBack(session: TrainingSession, path: string): void {
  try {
    Checkpoint.using(path, checkpoint => session.rollBack(checkpoint));
  } catch (error) {
    // The weights in memory are those to be got rid of: they must not be saved.
    throw error instanceof UserError ? new DivergedError(error.parts, { cause: error }) : error;
  }
}

/** How to go on from before a checkpoint whose weights may be the ones to blame. */
function orFromEarlier(store: CheckpointStore, good: number): string {
  const earlier = store
    .steps()
    .filter(step => step < good)
    .at(-1);
  return earlier === undefined ? '' : `; or delete ${store.pathOf(good)} first, to go on from step ${earlier}`;
}

/** How to do again a stage that has no checkpoint worth going back to. */
function fromTheBeginning({ stage }: TrainingSession): string {
  return stage.number === 1 ? 'start anew' : `--resume begins stage ${stage.number} anew: do so`;
}

/** The weights of a run have grown out of all bounds. */
class DivergedError extends UserError {}
