/**
 * Validates a stage while it trains: measures when it is due, tells, and says when no better figure is to be expected. Depends on the
 * session, the validation set and the clock.
 */
import type { ValidationState } from '../checkpoint/state.js';
import type { TrainConfig } from '../config/schema.js';
import { formatNumber } from '../evaluation/metric.js';
import type { TrainingSession } from '../training/session.js';
import type { ValidationEvent } from './events.js';
import { lowerIsBetter, Patience } from './patience.js';
import type { TimeSpent } from './time-spent.js';
import type { ValidationSet } from './validation-set.js';

/** The options that decide when something is measured, and when to give up. */
type Options = Pick<TrainConfig, 'validateFreq' | 'patience' | 'minDelta'>;

/** Where a stage begins, or goes on. */
export interface ValidatedBefore {
  /** The best score of the stage so far; infinity if there is none. */
  readonly bestScore: number;
  readonly state: ValidationState | undefined;
}

/** The validation of one stage. */
export class Validator {
  readonly #set: ValidationSet;
  readonly #session: TrainingSession;
  readonly #time: TimeSpent;
  readonly #options: Options;
  readonly #patience: Patience;
  #bestScore: number;
  /** The step of the last measurement. */
  #step = -1;
  #score = Number.NaN;

  constructor(set: ValidationSet, session: TrainingSession, time: TimeSpent, before: ValidatedBefore) {
    this.#set = set;
    this.#session = session;
    this.#time = time;
    this.#options = session.config;
    this.#patience = new Patience(set.metric.better, this.#options.minDelta, before.state);
    this.#bestScore = before.bestScore;
  }

  /** The score of the current weights; NaN if they were not measured. */
  get score(): number {
    return this.#step === this.#session.position.step ? this.#score : Number.NaN;
  }

  /** What a checkpoint of the current weights stores. */
  get state(): ValidationState | undefined {
    return this.#patience.state;
  }

  /** Whether there were as many measurements without a better figure as `--patience` allows. */
  get exhausted(): boolean {
    const { patience } = this.#options;
    return patience !== null && (this.state?.waited ?? 0) >= patience;
  }

  /**
   * To be called after a step that updated the weights.
   * @param last whether the run ends with it: then it is measured too. What ends a run before its schedule may be another the next
   *   time, so that it does not count for `--patience`, and a run that was stopped decides as one that was not.
   * @returns what was measured, if it was due.
   */
  async afterStep(last: boolean): Promise<ValidationEvent | undefined> {
    const { step } = this.#session.position;
    const due = step % this.#options.validateFreq === 0;
    if (!due && !last) return undefined;
    const { metric } = this.#set;
    const value = await this.#time.measureAsync('validation', () =>
      this.#set.measure(direction => this.#session.imageGenerator(direction)),
    );
    this.#step = step;
    this.#score = lowerIsBetter(metric.better, value);
    const best = this.#score < this.#bestScore;
    if (best) this.#bestScore = this.#score;
    if (due) this.#patience.observe(step, value);
    const { name, title, unit } = metric;
    const text = [title, formatNumber(metric, value), unit].filter(part => part !== '').join(' ');
    return { type: 'validation', step, metric: name, value, best, waited: this.state?.waited ?? 0, text };
  }

  /** Why the stage has ended early, in words. */
  get reason(): string {
    const { metric } = this.#set;
    const { patience, minDelta } = this.#options;
    const { value, step } = this.state!;
    const by = minDelta > 0 ? ` by more than ${minDelta}` : '';
    return `${metric.title} was not better${by} than the ${formatNumber(metric, value)} of step ${step} for ${patience} measurement${patience === 1 ? '' : 's'} in a row`;
  }
}
