/**
 * An experiment that is under way: how far each rater is, and what they answer. Depends on the log and what an experiment is.
 */
import { join } from 'node:path';
import { AnswerLog, type AnswerRecord, type StudyRecord } from './answer-log.js';
import { ANSWERS_FILE, type Experiment, type StoredExperiment } from './experiment.js';

/** An answer as a rater gives it. */
export type Answer = Omit<AnswerRecord, 'type' | 'rater'>;

/** An answer to a trial that it is not yet the turn of, or without consent. */
export class OutOfTurn extends Error {}

/** How far a rater is. */
interface Rater {
  consented: boolean;
  answered: number;
  /** What is being written. */
  writing: Promise<void> | undefined;
}

/** An experiment with its log open. Must be closed. */
export class OpenExperiment {
  readonly experiment: Experiment;
  readonly folder: string;
  readonly #raters: readonly Rater[];
  readonly #log: AnswerLog;

  /**
   * Opens the log. Only one process may do so at a time.
   *
   * @throws UserError where it is damaged.
   */
  constructor({ folder, experiment }: StoredExperiment) {
    this.folder = folder;
    this.experiment = experiment;
    this.#raters = experiment.raters.map(() => ({ consented: false, answered: 0, writing: undefined }));
    this.#log = AnswerLog.open(join(folder, ANSWERS_FILE), record => {
      const rater = this.#raters[record.rater];
      if (rater === undefined) return;
      if (record.type === 'consent') rater.consented = true;
      else rater.answered = record.trial + 1;
    });
  }

  consented(rater: number): boolean {
    return this.#raters[rater]!.consented;
  }

  /** How many trials a rater has answered: those before this one. */
  answered(rater: number): number {
    return this.#raters[rater]!.answered;
  }

  /** How many raters have answered everything. */
  get complete(): number {
    return this.#raters.filter(({ answered }, i) => answered === this.experiment.raters[i]!.trials.length).length;
  }

  /** Stores that a rater agreed to take part; the first time counts. @param day as 2026-11-26. */
  async consent(rater: number, day: string): Promise<void> {
    const state = this.#raters[rater]!;
    while (state.writing !== undefined) await state.writing.catch(() => {});
    if (state.consented) return;
    await this.#write(state, { type: 'consent', rater, day }, () => {
      state.consented = true;
    });
  }

  /**
   * Stores an answer. One that is stored already is not stored again: a page that was not told asks again.
   *
   * @returns how many trials the rater has answered, once the answer is on the disk.
   * @throws OutOfTurn where other trials come first; UserError where it cannot be written.
   */
  async answer(rater: number, answer: Answer): Promise<number> {
    const state = this.#raters[rater]!;
    while (state.writing !== undefined) await state.writing.catch(() => {});
    if (answer.trial < state.answered) return state.answered;
    const { trials } = this.experiment.raters[rater]!;
    if (!state.consented || answer.trial > state.answered || answer.trial >= trials.length) throw new OutOfTurn();
    const { trial, choice, shownMs, responseMs, views } = answer;
    await this.#write(state, { type: 'answer', rater, trial, choice, shownMs, responseMs, views }, () => {
      state.answered = trial + 1;
    });
    return trial + 1;
  }

  /** @param apply what has changed once the record is on the disk; whoever waits for it finds that done. */
  #write(state: Rater, record: StudyRecord, apply: () => void): Promise<void> {
    state.writing = this.#log
      .append(record)
      .then(apply)
      .finally(() => {
        state.writing = undefined;
      });
    return state.writing;
  }

  /** Closes the log, once what was being written is. */
  close(): Promise<void> {
    return this.#log.close();
  }
}
