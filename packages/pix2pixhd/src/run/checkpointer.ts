/**
 * Decides when a stage's samples and checkpoints are due, saves them, and keeps, marks and deletes checkpoints. Depends on
 * the session, the checkpoint store, the run folder and the clock.
 */
import { rmSync } from 'node:fs';
import type { CheckpointStore } from '../checkpoint/store.js';
import type { TrainConfig } from '../config/schema.js';
import { reasonOf } from '../errors.js';
import type { TrainingSession } from '../training/session.js';
import type { RunEvents } from './events.js';
import type { RunFolder } from './run-folder.js';
import type { SampleSheets } from './sample-sheets.js';
import type { TimeSpent } from './time-spent.js';
import type { Validator } from './validator.js';

/** The options that say when something is due, and how many checkpoints are kept. */
export type CheckpointOptions = Pick<
  TrainConfig,
  'displayFreq' | 'saveLatestFreq' | 'saveLatestMinutes' | 'saveEpochFreq' | 'keepCheckpoints'
>;

/** Where checkpoints go, and where events are reported. */
export interface CheckpointPlace {
  readonly folder: RunFolder;
  readonly store: CheckpointStore;
  readonly events: RunEvents;
  readonly time: TimeSpent;
}

/** Saves the checkpoints of one stage. */
export class Checkpointer {
  readonly #session: TrainingSession;
  readonly #sheets: SampleSheets;
  readonly #validator: Validator | undefined;
  readonly #place: CheckpointPlace;
  readonly #options: CheckpointOptions;
  #bestScore: number;
  #savedAt = performance.now();
  #savedStep: number;
  /** The step whose checkpoint could not be written. */
  #failedStep: number | null = null;
  /** The last checkpoint after which a step succeeded; a later one's weights may be what makes steps fail. */
  #lastGood: number | null;
  /** Steps done before the stage. */
  readonly #firstStep: number;

  /**
   * @param validator gives the scores, if there is one; else the sheets do.
   * @param bestScore the best score of the stage so far; infinity if there is none.
   */
  constructor(
    session: TrainingSession,
    sheets: SampleSheets,
    validator: Validator | undefined,
    place: CheckpointPlace,
    options: CheckpointOptions,
    bestScore: number,
  ) {
    const { step, stageStep } = session.position;
    this.#session = session;
    this.#sheets = sheets;
    this.#validator = validator;
    this.#place = place;
    this.#options = options;
    this.#bestScore = bestScore;
    this.#savedStep = step;
    this.#lastGood = stageStep > 0 ? step : null;
    this.#firstStep = step - stageStep;
  }

  /**
   * To be called after a step that updated the weights.
   * @param endedEpoch the epoch whose last step this was, else null.
   */
  async afterStep(endedEpoch: number | null): Promise<void> {
    const { step } = this.#session.position;
    this.#confirm();
    const { displayFreq, saveLatestFreq, saveLatestMinutes, saveEpochFreq } = this.#options;
    const minutes = (performance.now() - this.#savedAt) / 60_000;
    const better = this.#validator !== undefined && this.#validator.score < this.#bestScore;
    const saveDue =
      better ||
      (saveLatestFreq > 0 && step % saveLatestFreq === 0) ||
      (saveLatestMinutes > 0 && minutes >= saveLatestMinutes) ||
      (endedEpoch !== null && saveEpochFreq > 0 && endedEpoch % saveEpochFreq === 0);
    if (saveDue) await this.#showAndSave();
    else if (displayFreq > 0 && step % displayFreq === 0) await this.#sheets.show();
  }

  /** Saves what is not saved yet. */
  async finish(): Promise<void> {
    if (this.#session.position.step !== this.#savedStep) await this.#showAndSave();
    this.#prune();
  }

  /**
   * To be called after an error: saves unsaved steps if the state in memory can be trusted, and reports what is saved and
   * what is lost. Does not throw: the original error is the one to report.
   *
   * @param show whether to make a sheet too; false if that may be what failed.
   */
  async rescue(show: boolean): Promise<void> {
    const { store, events } = this.#place;
    const { step } = this.#session.position;
    if (step !== this.#savedStep && step !== this.#failedStep && this.#session.consistent) {
      try {
        if (show) await this.#showAndSave();
        else this.#save();
      } catch (error) {
        this.#failedStep = step;
        events.note(`step ${step} could not be saved: ${reasonOf(error)}`);
      }
    }
    const saved = store.steps().at(-1) ?? 0;
    // The failed step counts as reached: its update may be half done.
    const reached = this.#session.consistent ? step : step + 1;
    if (reached > saved) events.note(`${stepsFrom(saved + 1, reached)} lost; ${howToContinue(saved)}`);
    else if (saved > 0) events.note(`saved at step ${saved}; ${howToContinue(saved)}`);
  }

  /** The step of the last good checkpoint of this stage; null if there is none. */
  get lastGood(): number | null {
    return this.#lastGood;
  }

  /** Deletes the checkpoint after the last good one, if any: every step from its weights has failed. */
  dropUnconfirmed(): void {
    if (!this.#isUnconfirmed()) return;
    rmSync(this.#place.store.pathOf(this.#savedStep), { force: true });
    this.#savedStep = this.#lastGood ?? this.#firstStep;
  }

  /** Keeps the result of a finished stage if the run has several. */
  markStage(): void {
    const { stage, position } = this.#session;
    if (stage.of > 1) this.#place.store.markStage(stage.number, position.step);
  }

  /** Whether no step has succeeded yet from the last saved weights. */
  #isUnconfirmed(): boolean {
    return this.#savedStep !== this.#lastGood && this.#savedStep > this.#firstStep;
  }

  /** A step succeeded from the last saved weights: older checkpoints are no longer needed. */
  #confirm(): void {
    if (!this.#isUnconfirmed()) return;
    this.#lastGood = this.#savedStep;
    this.#prune();
  }

  /** Keeps the requested number of checkpoints, and always the last good one. */
  #prune(): void {
    const { keepCheckpoints } = this.#options;
    const least = this.#isUnconfirmed() && this.#lastGood !== null ? 2 : 1;
    if (keepCheckpoints > 0) this.#place.store.prune(Math.max(keepCheckpoints, least));
  }

  async #showAndSave(): Promise<void> {
    await this.#sheets.show();
    this.#save();
  }

  #save(): void {
    const { store, folder, events, time } = this.#place;
    const { step } = this.#session.position;
    const { score } = this.#validator ?? this.#sheets;
    time.measure('checkpoints', () => {
      folder.checkLock();
      const path = store.pathOf(step);
      this.#failedStep = step;
      this.#session.save(path, score, this.#validator?.state);
      this.#failedStep = null;
      this.#savedStep = step;
      this.#savedAt = performance.now();
      const best = score < this.#bestScore;
      if (best) {
        store.markBest(step);
        this.#bestScore = score;
      }
      events.emit({ type: 'checkpoint', step, path, best });
    });
  }
}

function stepsFrom(first: number, last: number): string {
  return first === last ? `step ${first} is` : `steps ${first} to ${last} are`;
}

function howToContinue(saved: number): string {
  return saved === 0 ? 'there is no checkpoint yet' : `--resume continues from step ${saved}`;
}
