/**
 * The training loop: batches to the session, losses to the log, samples, page and checkpoints to the run folder, until a
 * limit or Ctrl-C. Depends on the session, data, checkpoint store, run folder and clock; no loss arithmetic.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Checkpoint } from '../checkpoint/checkpoint.js';
import type { CheckpointStore } from '../checkpoint/store.js';
import type { Loader } from '../data/loader.js';
import { UserError } from '../errors.js';
import type { Interrupt } from './interrupt.js';
import { Keeper } from './keeper.js';
import { lookAhead } from './look-ahead.js';
import { LossLog } from './loss-log.js';
import type { Progress } from './progress.js';
import type { RunFolder } from './run-folder.js';
import type { SamplePairs } from './samples.js';
import type { TrainingSession } from './session.js';
import { Watch } from './watch.js';

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
  /** How the run did, in a line. */
  readonly health: string;
}

/** What goes on while a run trains, whatever its stage. */
interface Clock {
  readonly started: number;
  steps: number;
  busySeconds: number;
  /** Spent waiting for batches that were not ready when the step before them was done. */
  waitSeconds: number;
}

/**
 * Trains until the schedule or a limit ends it, or until interrupted; saves whatever the reason.
 * @throws UserError where a picture cannot be used; what was trained before it is saved.
 */
export async function trainLoop(run: Run): Promise<RunResult> {
  const { folder, progress } = run;
  const clock: Clock = { started: performance.now(), steps: 0, busySeconds: 0, waitSeconds: 0 };
  const say = (line: string) => progress.note(line);
  const startStep = run.stage.session.position.step;
  const log = LossLog.open(folder.lossLog, startStep);
  if (log.dropped > 0) say(`steps after the last checkpoint, done again: ${log.dropped}`);
  let watch = new Watch(run.stage.session, folder, say);
  let keeper = new Keeper(run, watch, run.bestScore);
  try {
    for (;;) {
      const reason = await trainStage(run, keeper, watch, log, clock);
      const { session } = run.stage;
      const { step } = session.position;
      await keeper.finish();
      if (reason === 'finished') {
        keeper.closeStage();
        if (await run.toNextStage()) {
          // Scores of different sizes cannot be compared.
          watch[Symbol.dispose]();
          watch = new Watch(run.stage.session, folder, say);
          keeper = new Keeper(run, watch, Number.POSITIVE_INFINITY);
          continue;
        }
      }
      keeper.writePage(reason === 'finished' ? 'finished' : 'stopped');
      const { steps, busySeconds, waitSeconds } = clock;
      const waitShare = waitSeconds / (waitSeconds + busySeconds);
      return { reason, step, secondsPerStep: busySeconds / steps, waitShare, health: watch.healthLine };
    }
  } catch (error) {
    // A picture that cannot be used is no reason to lose the steps before it; weights that no step survives are.
    if (error instanceof UserError && run.stage.session.position.step > 0) {
      if (!(error instanceof DivergedError)) await keeper.finish();
      keeper.writePage('failed');
    }
    throw error;
  } finally {
    progress.finish();
    watch[Symbol.dispose]();
    log.close();
  }
}

/** Trains the stage that is open until it is done or something ends the run. */
async function trainStage(
  run: Run,
  keeper: Keeper,
  watch: Watch,
  log: LossLog,
  clock: Clock,
): Promise<RunResult['reason']> {
  const { interrupt, progress, stage } = run;
  const { session, loader } = stage;
  const { config, position } = session;
  const reason = (): RunResult['reason'] | undefined => {
    if (interrupt.requested) return 'interrupted';
    if (config.maxSteps !== null && position.step >= config.maxSteps) return 'max-steps';
    if (config.maxMinutes !== null && performance.now() - clock.started >= config.maxMinutes * 60_000)
      return 'max-minutes';
    return session.finished ? 'finished' : undefined;
  };
  let ended = reason();
  while (ended === undefined) {
    const { epoch } = position;
    const batches = loader.epoch(epoch, position.batch);
    let asked = performance.now();
    const groups = lookAhead(inGroups(batches, config.accumulate), session.uploadsAhead);
    for await (const { item: group, next } of groups) {
      const before = performance.now();
      clock.waitSeconds += (before - asked) / 1000;
      const { losses, applied } = session.step(group, loader.batchesPerEpoch, next);
      const seconds = (performance.now() - before) / 1000;
      for (const batch of group) loader.release(batch);
      clock.steps++;
      clock.busySeconds += seconds;
      log.append({ step: position.step, epoch, ...losses, seconds: Number(seconds.toFixed(4)) });
      progress.step({ step: position.step, epoch, losses });
      const decision = watch.step(position.step, losses, applied, keeper.lastGood);
      if (decision === 'ok') await keeper.afterStep(position.batch === 0 ? epoch : null);
      else goBack(run, decision, keeper);
      // Batches that are ready come without a turn of the event loop, in which alone Ctrl-C is seen.
      await nextTurn();
      ended = reason();
      if (ended !== undefined) break;
      asked = performance.now();
    }
  }
  return ended;
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
function goBack({ stage, store, progress }: Run, decision: 'skipped' | 'roll-back' | 'stop', keeper: Keeper): void {
  const { session } = stage;
  const { step } = session.position;
  const good = keeper.lastGood;
  if (decision !== 'skipped') keeper.dropDoubtful();
  if (decision === 'skipped') {
    progress.note(`step ${step} was left out: a loss or a gradient is not finite`);
  } else if (decision === 'roll-back') {
    session.rollBack(Checkpoint.read(store.pathOf(good!)));
    progress.note(`step ${step}: back to the weights of step ${good}, since several steps in a row were not finite`);
  } else {
    throw new DivergedError({
      doing: 'training',
      where: `step ${step}`,
      found: 'losses that are not finite, again and again',
      expected: 'numbers',
      advice: { kind: 'diverged', from: good },
      remedy: `${good === null ? fromTheBeginning(session) : `--resume goes on from step ${good}: do so`} with a lower --lr, or with --precision fp32`,
    });
  }
}

/** How to do again a stage that has no checkpoint worth going back to. */
function fromTheBeginning({ stage }: TrainingSession): string {
  return stage.number === 1 ? 'start anew' : `--resume begins stage ${stage.number} anew: do so`;
}

/** The weights of a run have grown out of all bounds. */
class DivergedError extends UserError {}
