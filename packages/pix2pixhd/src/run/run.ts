/**
 * Run: one invocation of a training run, from opening its folder to closing it. It prints nothing and installs no signal
 * handlers: a listener receives what happens, an abort signal ends it. Depends on data, the session, checkpoints, the run
 * folder and the clock; no loss arithmetic.
 */
import { existsSync } from 'node:fs';
import { getThreads } from '@pix2pixhd/torch';
import { latestState, readBest } from '../checkpoint/resume.js';
import type { CheckpointState } from '../checkpoint/state.js';
import { CheckpointStore } from '../checkpoint/store.js';
import { chooseCompute } from '../compute/choose-compute.js';
import { configureProcess, expectSizes } from '../compute/configure-process.js';
import type { TrainConfig } from '../config/schema.js';
import { type Stage, stagesOf } from '../config/stages.js';
import { lastingOptions } from '../config/stored.js';
import { type Sample, samplesPerEpoch } from '../data/find/pairs.js';
import { domainsOf } from '../data/load/unpaired-loader.js';
import { UserError } from '../errors.js';
import { TrainingSession } from '../training/session.js';
import { RunEvents, type RunListener } from './events.js';
import { openFirstStage } from './first-stage.js';
import { LossRecords } from './loss-records.js';
import { openPerceptual, type PerceptualTerm } from './perceptual.js';
import { DivergedError } from './recovery.js';
import type { RunFolder } from './run-folder.js';
import { RunLimits, totalSteps } from './run-limits.js';
import { failed, RunReport } from './run-report.js';
import { type RunResult, stageDone } from './run-result.js';
import { closeStage, noteWarmStart, type OpenStage, StageOpener } from './stage-opener.js';
import { type RunParts, StageTraining } from './stage-training.js';
import { TimeSpent } from './time-spent.js';
import type { ValidatedBefore } from './validator.js';

/** How a run is followed and stopped. */
export interface RunHooks {
  /** Receives the events, from {@link Run.open} on. */
  readonly onEvent?: RunListener;
  /** When aborted, the run finishes its current step, saves and ends. */
  readonly signal?: AbortSignal | undefined;
}

/** What a run holds from open to close. */
interface Opened {
  readonly folder: RunFolder;
  readonly lock: Disposable;
  readonly store: CheckpointStore;
  readonly events: RunEvents;
  readonly signal: AbortSignal | undefined;
  readonly stages: readonly Stage[];
  readonly opener: StageOpener;
  readonly perceptual: PerceptualTerm | undefined;
  /** What this invocation's first stage has reached already. */
  readonly before: ValidatedBefore;
}

/**
 * A run in memory: networks, data, folder and its lock.
 *
 * @example
 * ```ts
 * await using run = await Run.open(folder, config, samples, { signal, onEvent: event => console.log(event) });
 * const { reason, step } = await run.train();
 * ```
 */
export class Run implements AsyncDisposable {
  readonly #opened: Opened;
  #stage: OpenStage;
  #state: 'open' | 'trained' | 'closed' = 'open';

  private constructor(opened: Opened, stage: OpenStage) {
    this.#opened = opened;
    this.#stage = stage;
  }

  /**
   * Opens everything a run needs, takes the lock of its folder and stores its options there. With `config.resume` it
   * continues from the latest checkpoint, or starts over if there is none yet.
   *
   * @param samples its training pairs, as `findTrainingSamples` returns them.
   * @throws UserError if another process writes into the folder, or a file, a device or an option cannot be used.
   */
  static async open(
    folder: RunFolder,
    config: TrainConfig,
    samples: readonly Sample[],
    { onEvent, signal }: RunHooks = {},
  ): Promise<Run> {
    const events = new RunEvents(onEvent);
    const lock = folder.lock();
    let perceptual: PerceptualTerm | undefined;
    try {
      folder.storeConfig(config);
      const compute = chooseCompute(config);
      configureProcess({ threads: config.threads, seed: config.seed, device: compute.device });
      expectSizes(compute, config.resizeOrCrop === 'none' ? 'many' : 'few');
      const store = new CheckpointStore(folder.checkpoints);
      const resumed = config.resume && store.steps().length > 0 ? latestState(store) : undefined;
      store.removeLeftovers();
      // Before a stage is opened: a failure here after that would leave its threads, which keep the process alive.
      const before = reachedBefore(store, config, resumed);
      const stages = stagesOf(config);
      events.emit({
        type: 'start',
        folder: folder.path,
        pairs: samplesPerEpoch(samples),
        domains: config.model === 'cycle-gan' ? domainSizes(samples) : undefined,
        device: compute.device,
        precision: compute.precision,
        threads: getThreads(),
        step: resumed?.step ?? 0,
        totalSteps: totalSteps(stages, samplesPerEpoch(samples), config.maxSteps),
        maxSeconds: config.maxMinutes === null ? null : config.maxMinutes * 60,
      });
      perceptual = openPerceptual(config, compute);
      const distance = perceptual?.distance;
      const newSession = (stage: Stage) => new TrainingSession(config, compute, stage, distance);
      const opener = new StageOpener(samples, events, newSession);
      const stage = await openFirstStage(opener, stages, store, resumed, config.loadPretrain, events);
      return new Run({ folder, lock, store, events, signal, stages, opener, perceptual, before }, stage);
    } catch (error) {
      perceptual?.dispose();
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /** The stage the run is in. */
  get stage(): OpenStage {
    return this.#stage;
  }

  /**
   * Trains until the schedule, a limit or the signal ends the run, and saves. Saves after an error too if the state in memory
   * can be trusted; a note says what is lost.
   *
   * @throws UserError if an image cannot be used or a file cannot be written; whatever a step or the listener throws.
   */
  async train(): Promise<RunResult> {
    if (this.#state !== 'open') throw new Error(`the run is ${this.#state}: open another one to continue`);
    this.#state = 'trained';
    const { events } = this.#opened;
    const result = await this.#trainStages();
    events.emit({ type: 'end', result });
    await events.settled();
    return result;
  }

  async #trainStages(): Promise<RunResult> {
    const { folder, events, store, signal, before } = this.#opened;
    const { config, position } = this.#stage.session;
    const startStep = position.step;
    const time = new TimeSpent();
    using losses = time.measure('log', () => new LossRecords(folder.lossLog, startStep));
    if (losses.dropped > 0) events.note(`steps after the last checkpoint, done again: ${losses.dropped}`);
    const report = new RunReport(folder, lastingOptions(config), losses.history);
    const limits = new RunLimits(config, time, signal);
    const parts: RunParts = { folder, store, events, time, losses, report, limits };
    let training = new StageTraining(this.#stage, parts, before, losses.earlier);
    try {
      let reason = await training.run();
      while (stageDone(reason)) {
        training.checkpointer.markStage();
        const { number, of } = this.#stage.session.stage;
        if (training.exhausted !== undefined && number < of)
          events.note(`stage ${number} ends early: ${training.exhausted}`);
        if (!(await this.nextStage())) break;
        training[Symbol.dispose]();
        // Scores of different sizes cannot be compared.
        training = new StageTraining(this.#stage, parts, nothingBefore, []);
        reason = await training.run();
      }
      training.sheets.writePage(limits.pageStatus(reason, training.exhausted));
      const { step } = this.#stage.session.position;
      const seconds = time.on('steps');
      return {
        // Also if the signal came while the last checkpoint was written.
        reason: limits.interrupted ? 'interrupted' : reason,
        ...(reason === 'early-stopped' && { why: training.exhausted }),
        step,
        secondsPerStep: seconds / (step - startStep),
        seconds: time.elapsed,
        waitShare: time.on('data') / (time.on('data') + seconds),
        time: time.describe(),
        health: training.monitor.healthLine,
      };
    } catch (error) {
      if (!(error instanceof DivergedError)) await training.checkpointer.rescue(error instanceof UserError);
      if (this.#stage.session.position.step > 0) training.sheets.writePage(failed);
      throw error;
    } finally {
      training[Symbol.dispose]();
    }
  }

  /**
   * Closes the stage and opens the next one, which starts from its weights. {@link train} calls this itself.
   * @returns false after the last stage.
   */
  async nextStage(): Promise<boolean> {
    const { stages, opener, events } = this.#opened;
    const before = this.#stage;
    const next = stages[before.session.stage.number];
    if (next === undefined) return false;
    this.#stage = await opener.open(next, session => noteWarmStart(events, session.continueFrom(before.session)));
    await closeStage(before);
    return true;
  }

  /** Frees everything and releases the lock of the folder. May be called again. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    try {
      await closeStage(this.#stage);
      this.#opened.perceptual?.dispose();
    } finally {
      this.#opened.lock[Symbol.dispose]();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const nothingBefore: ValidatedBefore = { bestScore: Number.POSITIVE_INFINITY, state: undefined };

/** What the stage that is resumed has reached; other measurements than today's do not count. */
function reachedBefore(
  store: CheckpointStore,
  config: TrainConfig,
  resumed: CheckpointState | undefined,
): ValidatedBefore {
  const measuredAlike = ({ validate, validateSize }: TrainConfig) =>
    validate === config.validate && (validate === 'none' || validateSize === config.validateSize);
  const best = existsSync(store.best) ? readBest(store) : undefined;
  const comparable = best !== undefined && best.stage === (resumed?.stage ?? 1) && measuredAlike(best.config);
  return {
    bestScore: comparable ? best.score : Number.POSITIVE_INFINITY,
    state: resumed !== undefined && measuredAlike(resumed.config) ? resumed.validation : undefined,
  };
}

function domainSizes(samples: readonly Sample[]): { readonly a: number; readonly b: number } {
  const { a, b } = domainsOf(samples);
  return { a: a.length, b: b.length };
}
