/**
 * Decides when samples and checkpoints of a stage are due, and makes them. Depends on the session, the checkpoint store, the
 * run folder and the clock.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { TrainConfig } from '../config/schema.js';
import type { RunStatus } from '../report/run-page.js';
import type { OpenStage, Run } from './loop.js';
import { writeRunPage } from './run-report.js';
import type { Watch } from './watch.js';

/** Keeps what a stage makes. */
export class Keeper {
  readonly #run: Run;
  readonly #stage: OpenStage;
  readonly #watch: Watch;
  readonly #config: TrainConfig;
  #bestScore: number;
  #savedAt = performance.now();
  #savedStep: number;
  #shownStep: number;
  #score = Number.NaN;
  /** The last checkpoint after which a step went well; the weights of a later one may be those that no step survives. */
  #good: number | null;
  /** The step with which the stage began. */
  readonly #firstStep: number;

  /** For the stage that is open. */
  constructor(run: Run, watch: Watch, bestScore: number) {
    const { step, stageStep } = run.stage.session.position;
    this.#run = run;
    this.#stage = run.stage;
    this.#watch = watch;
    this.#config = run.stage.session.config;
    this.#bestScore = bestScore;
    this.#savedStep = step;
    this.#shownStep = step;
    this.#good = stageStep > 0 ? step : null;
    this.#firstStep = step - stageStep;
  }

  /**
   * After a step that updated the weights.
   * @param endedEpoch the epoch whose last step this was, else null.
   */
  async afterStep(endedEpoch: number | null): Promise<void> {
    const { step } = this.#stage.session.position;
    this.#confirm();
    const { displayFreq, saveLatestFreq, saveLatestMinutes, saveEpochFreq } = this.#config;
    const minutes = (performance.now() - this.#savedAt) / 60_000;
    const saveDue =
      (saveLatestFreq > 0 && step % saveLatestFreq === 0) ||
      (saveLatestMinutes > 0 && minutes >= saveLatestMinutes) ||
      (endedEpoch !== null && saveEpochFreq > 0 && endedEpoch % saveEpochFreq === 0);
    if (saveDue) await this.#write();
    else if (displayFreq > 0 && step % displayFreq === 0) await this.#show();
  }

  /** Saves what is not saved yet. */
  async finish(): Promise<void> {
    if (this.#stage.session.position.step !== this.#savedStep) await this.#write();
    this.#run.store.prune(this.#config.keepCheckpoints);
  }

  /** The step of the last good checkpoint of this stage; null where there is none. */
  get lastGood(): number | null {
    return this.#good;
  }

  /** Deletes the checkpoint after the last good one, if there is one: no step survives its weights. */
  dropDoubtful(): void {
    if (this.#savedStep === this.#good || !this.#isOfThisStage()) return;
    rmSync(this.#run.store.pathOf(this.#savedStep), { force: true });
    this.#savedStep = this.#good ?? this.#firstStep;
  }

  /** Keeps the result of a stage that is done, where there are several. */
  closeStage(): void {
    const { stage, position } = this.#stage.session;
    if (stage.of > 1) this.#run.store.markStage(stage.number, position.step);
  }

  /** Writes the run's page. */
  writePage(status: RunStatus): void {
    writeRunPage(this.#run.folder, this.#config, status, this.#watch.healthLine);
  }

  #isOfThisStage(): boolean {
    return this.#savedStep > this.#firstStep;
  }

  /** A step went well with the weights that were saved last: older checkpoints are not needed any more. */
  #confirm(): void {
    if (this.#good === this.#savedStep || !this.#isOfThisStage()) return;
    this.#good = this.#savedStep;
    this.#run.store.prune(this.#config.keepCheckpoints);
  }

  async #write(): Promise<void> {
    const { store } = this.#run;
    const { session } = this.#stage;
    const { step } = session.position;
    await this.#show();
    session.save(store.pathOf(step), this.#score);
    if (this.#score < this.#bestScore) {
      this.#bestScore = this.#score;
      store.markBest(step);
    }
    this.#savedAt = performance.now();
    this.#savedStep = step;
  }

  async #show(): Promise<void> {
    const { folder } = this.#run;
    const { session, samples } = this.#stage;
    const { step } = session.position;
    if (step === this.#shownStep) return;
    const { number, of } = session.stage;
    const title = `${this.#config.name}, step ${step}${of > 1 ? `, stage ${number} of ${of}` : ''}`;
    const { png, score, generated, real } = await samples.show(session.imageGenerator(), title);
    mkdirSync(folder.samples, { recursive: true });
    writeFileAtomic(join(folder.samples, `step-${String(step).padStart(8, '0')}.png`), png);
    this.#watch.samples(step, png, generated, real);
    this.#score = score;
    this.#shownStep = step;
    this.writePage('training');
  }
}
