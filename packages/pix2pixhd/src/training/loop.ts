/**
 * The training loop: batches to the session, losses to the log, samples, page and checkpoints to the run folder, until a
 * limit or Ctrl-C. Depends on the session, data, checkpoint store, run folder and clock; no loss arithmetic.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { CheckpointStore } from '../checkpoint/store.js';
import type { TrainConfig } from '../config/schema.js';
import type { Loader } from '../data/loader.js';
import { UserError } from '../errors.js';
import type { RunStatus } from '../report/run-page.js';
import type { Interrupt } from './interrupt.js';
import { LossLog } from './loss-log.js';
import type { Progress } from './progress.js';
import type { RunFolder } from './run-folder.js';
import { writeRunPage } from './run-report.js';
import type { SamplePairs } from './samples.js';
import type { TrainingSession } from './session.js';

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
}

/** What goes on while a run trains, whatever its stage. */
interface Clock {
  readonly started: number;
  steps: number;
  busySeconds: number;
}

/**
 * Trains until the schedule or a limit ends it, or until interrupted; saves whatever the reason.
 * @throws UserError where a picture cannot be used; what was trained before it is saved.
 */
export async function trainLoop(run: Run): Promise<RunResult> {
  const { folder, progress } = run;
  const clock: Clock = { started: performance.now(), steps: 0, busySeconds: 0 };
  let keeper = new Keeper(run, run.bestScore);
  const startStep = run.stage.session.position.step;
  const log = LossLog.open(folder.lossLog, startStep);
  if (log.dropped > 0) progress.note(`steps after the last checkpoint, done again: ${log.dropped}`);
  try {
    for (;;) {
      const reason = await trainStage(run, keeper, log, clock);
      const { session } = run.stage;
      const { step } = session.position;
      await keeper.save();
      if (reason === 'finished') {
        keeper.closeStage();
        if (await run.toNextStage()) {
          // Scores of different sizes cannot be compared.
          keeper = new Keeper(run, Number.POSITIVE_INFINITY);
          continue;
        }
      }
      keeper.writePage(reason === 'finished' ? 'finished' : 'stopped');
      return { reason, step, secondsPerStep: clock.busySeconds / clock.steps };
    }
  } catch (error) {
    // A picture that cannot be used is no reason to lose the steps before it.
    if (error instanceof UserError && run.stage.session.position.step > 0) {
      await keeper.save();
      keeper.writePage('failed');
    }
    throw error;
  } finally {
    progress.finish();
    log.close();
  }
}

/** Trains the stage that is open until it is done or something ends the run. */
async function trainStage(run: Run, keeper: Keeper, log: LossLog, clock: Clock): Promise<RunResult['reason']> {
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
    for await (const group of inGroups(batches, config.accumulate)) {
      const before = performance.now();
      const { losses, applied } = session.step(group, loader.batchesPerEpoch);
      const seconds = (performance.now() - before) / 1000;
      clock.steps++;
      clock.busySeconds += seconds;
      log.append({ step: position.step, epoch, ...losses, seconds: Number(seconds.toFixed(4)) });
      progress.step({ step: position.step, epoch, losses });
      if (!applied) progress.note(`step ${position.step} was skipped: ${notFinite(losses)} is not finite`);
      await keeper.afterStep(position.batch === 0 ? epoch : null);
      // Batches that are ready come without a turn of the event loop, in which alone Ctrl-C is seen.
      await nextTurn();
      ended = reason();
      if (ended !== undefined) break;
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

/** The name of the first loss that is no finite number. */
function notFinite(losses: Readonly<Record<string, number>>): string {
  return Object.keys(losses).find(name => !Number.isFinite(losses[name])) ?? 'the gradient';
}

/** Decides when samples and checkpoints are due, and makes them. */
class Keeper {
  readonly #run: Run;
  readonly #stage: OpenStage;
  readonly #config: TrainConfig;
  #bestScore: number;
  #savedAt = performance.now();
  #savedStep: number;
  #shownStep: number;
  #score = Number.NaN;

  /** For the stage that is open. */
  constructor(run: Run, bestScore: number) {
    this.#run = run;
    this.#stage = run.stage;
    this.#config = run.stage.session.config;
    this.#bestScore = bestScore;
    this.#savedStep = run.stage.session.position.step;
    this.#shownStep = run.stage.session.position.step;
  }

  /** @param endedEpoch the epoch whose last step this was, else null. */
  async afterStep(endedEpoch: number | null): Promise<void> {
    const { step } = this.#stage.session.position;
    const { displayFreq, saveLatestFreq, saveLatestMinutes, saveEpochFreq } = this.#config;
    const minutes = (performance.now() - this.#savedAt) / 60_000;
    const saveDue =
      (saveLatestFreq > 0 && step % saveLatestFreq === 0) ||
      (saveLatestMinutes > 0 && minutes >= saveLatestMinutes) ||
      (endedEpoch !== null && saveEpochFreq > 0 && endedEpoch % saveEpochFreq === 0);
    if (saveDue) await this.save();
    else if (displayFreq > 0 && step % displayFreq === 0) await this.#show();
  }

  /** Saves what is not saved yet. */
  async save(): Promise<void> {
    const { store } = this.#run;
    const { session } = this.#stage;
    const { step } = session.position;
    if (step === this.#savedStep) return;
    await this.#show();
    session.save(store.pathOf(step), this.#score);
    if (this.#score < this.#bestScore) {
      this.#bestScore = this.#score;
      store.markBest(step);
    }
    store.prune(this.#config.keepCheckpoints);
    this.#savedAt = performance.now();
    this.#savedStep = step;
  }

  /** Keeps the result of a stage that is done, where others follow or came before. */
  closeStage(): void {
    const { stage, position } = this.#stage.session;
    if (stage.of > 1) this.#run.store.markStage(stage.number, position.step);
  }

  async #show(): Promise<void> {
    const { folder } = this.#run;
    const { session, samples } = this.#stage;
    const { step } = session.position;
    if (step === this.#shownStep) return;
    const { number, of } = session.stage;
    const title = `${this.#config.name}, step ${step}${of > 1 ? `, stage ${number} of ${of}` : ''}`;
    const { png, score } = await samples.show(session.imageGenerator(), title);
    mkdirSync(folder.samples, { recursive: true });
    writeFileAtomic(join(folder.samples, `step-${String(step).padStart(8, '0')}.png`), png);
    this.#score = score;
    this.#shownStep = step;
    this.writePage('training');
  }

  /** Writes the run's page. */
  writePage(status: RunStatus): void {
    writeRunPage(this.#run.folder, this.#config, status);
  }
}
