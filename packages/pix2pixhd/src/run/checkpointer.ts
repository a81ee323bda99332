/**
 * Decides when samples and checkpoints of a stage are due, and makes them. Depends on the session, the checkpoint store, the
 * run folder and the clock.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { TrainConfig } from '../config/schema.js';
import type { OpenStage, Run } from './loop.js';
import type { Monitor } from './monitor.js';
import { type RunReport, type Standing, underWay } from './run-report.js';
import type { TimeSpent } from './time-spent.js';

/** Keeps what a stage makes. */
export class Checkpointer {
  readonly #run: Run;
  readonly #stage: OpenStage;
  readonly #monitor: Monitor;
  readonly #report: RunReport;
  readonly #time: TimeSpent;
  readonly #config: TrainConfig;
  #bestScore: number;
  #savedAt = performance.now();
  #savedStep: number;
  /** The step whose checkpoint could not be written. */
  #refusedStep: number | null = null;
  #shownStep: number;
  #score = Number.NaN;
  /** The last checkpoint after which a step went well; the weights of a later one may be those that no step survives. */
  #good: number | null;
  /** The step with which the stage began. */
  readonly #firstStep: number;

  /** For the stage that is open. */
  constructor(run: Run, monitor: Monitor, report: RunReport, time: TimeSpent, bestScore: number) {
    const { step, stageStep } = run.stage.session.position;
    this.#run = run;
    this.#stage = run.stage;
    this.#monitor = monitor;
    this.#report = report;
    this.#time = time;
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
    this.#prune();
  }

  /**
   * After an error: saves what is not saved yet, as far as the state in memory can be trusted, and says what is kept and
   * what is lost. Throws nothing: the error at hand is the one to tell of.
   *
   * @param show whether to make a sheet as well; not where that itself may have failed.
   */
  async rescue(show: boolean): Promise<void> {
    const { session } = this.#stage;
    const { step } = session.position;
    if (step !== this.#savedStep && step !== this.#refusedStep && session.consistent) {
      try {
        if (show) await this.#write();
        else this.#save();
      } catch (error) {
        this.#refusedStep = step;
        this.#say(`step ${step} could not be saved: ${reasonOf(error)}`);
      }
    }
    const saved = this.#run.store.steps().at(-1) ?? 0;
    // The step in which the error came counts: its update may have been half done.
    const reached = session.consistent ? step : step + 1;
    if (reached > saved) this.#say(`${stepsFrom(saved + 1, reached)} lost; ${goOn(saved)}`);
    else if (saved > 0) this.#say(`saved after step ${saved}; ${goOn(saved)}`);
  }

  /** The step of the last good checkpoint of this stage; null where there is none. */
  get lastGood(): number | null {
    return this.#good;
  }

  /** Deletes the checkpoint after the last good one, if there is one: no step survives its weights. */
  dropDoubtful(): void {
    if (!this.#isDoubtful()) return;
    rmSync(this.#run.store.pathOf(this.#savedStep), { force: true });
    this.#savedStep = this.#good ?? this.#firstStep;
  }

  /** Keeps the result of a stage that is done, where there are several. */
  closeStage(): void {
    const { stage, position } = this.#stage.session;
    if (stage.of > 1) this.#run.store.markStage(stage.number, position.step);
  }

  /** Writes the run's page. A page that cannot be written, as on a full disk, ends no run. */
  writePage(standing: Standing): void {
    this.#time.measure('page', () =>
      this.#orNote('the page', () => this.#report.write(standing, this.#monitor.healthLine)),
    );
  }

  #isOfThisStage(): boolean {
    return this.#savedStep > this.#firstStep;
  }

  /** Whether no step has gone well yet with the weights that were saved last. */
  #isDoubtful(): boolean {
    return this.#savedStep !== this.#good && this.#isOfThisStage();
  }

  /** A step went well with the weights that were saved last: older checkpoints are not needed any more. */
  #confirm(): void {
    if (!this.#isDoubtful()) return;
    this.#good = this.#savedStep;
    this.#prune();
  }

  /** Keeps as many checkpoints as were asked for, and the last good one in any case. */
  #prune(): void {
    const { keepCheckpoints } = this.#config;
    const least = this.#isDoubtful() && this.#good !== null ? 2 : 1;
    if (keepCheckpoints > 0) this.#run.store.prune(Math.max(keepCheckpoints, least));
  }

  async #write(): Promise<void> {
    await this.#show();
    this.#save();
  }

  #save(): void {
    const { store, folder } = this.#run;
    const { session } = this.#stage;
    const { step } = session.position;
    // Of the weights as they are, or of none: those of an earlier sheet were others.
    const score = this.#shownStep === step ? this.#score : Number.NaN;
    this.#time.measure('checkpoints', () => {
      folder.checkLock();
      this.#refusedStep = step;
      session.save(store.pathOf(step), score);
      this.#refusedStep = null;
      this.#savedStep = step;
      this.#savedAt = performance.now();
      if (score < this.#bestScore) {
        store.markBest(step);
        this.#bestScore = score;
      }
    });
  }

  async #show(): Promise<void> {
    const { folder } = this.#run;
    const { session, samples } = this.#stage;
    const { step } = session.position;
    if (step === this.#shownStep) return;
    await this.#time.measureAsync('samples', async () => {
      const { number, of } = session.stage;
      const title = `${this.#config.name}, step ${step}${of > 1 ? `, stage ${number} of ${of}` : ''}`;
      const { png, score, generated, real } = await samples.show(session.imageGenerator(), title);
      this.#orNote('the sheet of samples', () => {
        mkdirSync(folder.samples, { recursive: true });
        writeFileAtomic(folder.sheet(step), png);
        this.#report.addSheet(step);
      });
      this.#monitor.samples(step, png, generated, real);
      this.#score = score;
      this.#shownStep = step;
    });
    this.writePage(underWay);
  }

  /** Writes what the run can do without. */
  #orNote(what: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#say(`step ${this.#stage.session.position.step}: ${what} could not be written: ${reasonOf(error)}`);
    }
  }

  #say(line: string): void {
    this.#run.progress.note(line);
  }
}

function stepsFrom(first: number, last: number): string {
  return first === last ? `step ${first} is` : `steps ${first} to ${last} are`;
}

function goOn(saved: number): string {
  return saved === 0 ? 'there is no checkpoint yet' : `--resume goes on after step ${saved}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
