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
import { totalEpochs } from './schedule.js';
import type { TrainingSession } from './session.js';

/** Everything a run is made of. */
export interface Run {
  readonly session: TrainingSession;
  readonly loader: Loader;
  readonly samples: SamplePairs;
  readonly folder: RunFolder;
  readonly store: CheckpointStore;
  readonly progress: Progress;
  readonly interrupt: Interrupt;
  /** The best score so far; infinity for a new run. */
  readonly bestScore: number;
}

/** Why a run ended, and where. */
export interface RunResult {
  readonly reason: 'finished' | 'max-steps' | 'max-minutes' | 'interrupted';
  readonly step: number;
  /** Mean seconds of a step, over this invocation; NaN when there was none. */
  readonly secondsPerStep: number;
}

/**
 * Trains until the schedule or a limit ends it, or until interrupted; saves whatever the reason.
 * @throws UserError where a picture cannot be used; what was trained before it is saved.
 */
export async function trainLoop(run: Run): Promise<RunResult> {
  const { session, loader, folder, progress, interrupt } = run;
  const { config, position } = session;
  const started = performance.now();
  const keeper = new Keeper(run);
  const log = LossLog.open(folder.lossLog, position.step);
  if (log.dropped > 0) progress.note(`steps after the last checkpoint, done again: ${log.dropped}`);
  let steps = 0;
  let busy = 0;
  let diverged = false;
  const reason = (): RunResult['reason'] | undefined => {
    if (interrupt.requested) return 'interrupted';
    if (config.maxSteps !== null && position.step >= config.maxSteps) return 'max-steps';
    if (config.maxMinutes !== null && performance.now() - started >= config.maxMinutes * 60_000) return 'max-minutes';
    return position.epoch > totalEpochs(config) ? 'finished' : undefined;
  };
  try {
    let ended = reason();
    while (ended === undefined) {
      const { epoch } = position;
      for await (const batch of loader.epoch(epoch, position.batch)) {
        const before = performance.now();
        const losses = session.step(batch, loader.batchesPerEpoch);
        const seconds = (performance.now() - before) / 1000;
        steps++;
        busy += seconds;
        log.append({ step: position.step, epoch, ...losses, seconds: Number(seconds.toFixed(4)) });
        progress.step({ step: position.step, epoch, losses });
        const lost = diverged ? undefined : notFinite(losses);
        if (lost !== undefined) {
          diverged = true;
          progress.note(divergence(position.step, lost));
        }
        await keeper.afterStep(position.batch === 0 ? epoch : null);
        // Batches that are ready come without a turn of the event loop, in which alone Ctrl-C is seen.
        await nextTurn();
        ended = reason();
        if (ended !== undefined) break;
      }
    }
    await keeper.finish(ended === 'finished' ? 'finished' : 'stopped');
    return { reason: ended, step: position.step, secondsPerStep: busy / steps };
  } catch (error) {
    // A picture that cannot be used is no reason to lose the steps before it.
    if (error instanceof UserError && position.step > 0) await keeper.finish('failed');
    throw error;
  } finally {
    progress.finish();
    log.close();
  }
}

/** The name of the first loss that is no finite number. */
function notFinite(losses: Readonly<Record<string, number>>): string | undefined {
  return Object.keys(losses).find(name => !Number.isFinite(losses[name]));
}

function divergence(step: number, loss: string): string {
  return `warning: ${loss} of step ${step} is not finite, and the weights do not recover from that. Stop the run, delete the checkpoints of this step and later, and --resume with a lower --lr or with --precision fp32`;
}

/** Decides when samples and checkpoints are due, and makes them. */
class Keeper {
  readonly #run: Run;
  readonly #config: TrainConfig;
  #bestScore: number;
  #savedAt = performance.now();
  #savedStep: number;
  #shownStep: number;
  #score = Number.NaN;

  constructor(run: Run) {
    this.#run = run;
    this.#config = run.session.config;
    this.#bestScore = run.bestScore;
    this.#savedStep = run.session.position.step;
    this.#shownStep = run.session.position.step;
  }

  /** @param endedEpoch the epoch whose last step this was, else null. */
  async afterStep(endedEpoch: number | null): Promise<void> {
    const { step } = this.#run.session.position;
    const { displayFreq, saveLatestFreq, saveLatestMinutes, saveEpochFreq } = this.#config;
    const minutes = (performance.now() - this.#savedAt) / 60_000;
    const saveDue =
      (saveLatestFreq > 0 && step % saveLatestFreq === 0) ||
      (saveLatestMinutes > 0 && minutes >= saveLatestMinutes) ||
      (endedEpoch !== null && saveEpochFreq > 0 && endedEpoch % saveEpochFreq === 0);
    if (saveDue) await this.#save();
    else if (displayFreq > 0 && step % displayFreq === 0) await this.#show();
  }

  /** Saves what is not saved yet and writes the page a last time. */
  async finish(status: RunStatus): Promise<void> {
    if (this.#run.session.position.step !== this.#savedStep) await this.#save();
    this.#writePage(status);
  }

  async #save(): Promise<void> {
    const { session, store } = this.#run;
    const { step } = session.position;
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

  async #show(): Promise<void> {
    const { session, samples, folder } = this.#run;
    const { step } = session.position;
    if (step === this.#shownStep) return;
    const { png, score } = await samples.show(session.imageGenerator(), `${this.#config.name}, step ${step}`);
    mkdirSync(folder.samples, { recursive: true });
    writeFileAtomic(join(folder.samples, `step-${String(step).padStart(8, '0')}.png`), png);
    this.#score = score;
    this.#shownStep = step;
    this.#writePage('training');
  }

  #writePage(status: RunStatus): void {
    writeRunPage(this.#run.folder, this.#config, status);
  }
}
