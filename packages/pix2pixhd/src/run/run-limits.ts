/**
 * When a run ends: its stage's schedule, its limits, or the abort signal. Depends on the session and the given clock.
 */
import type { TrainConfig } from '../config/schema.js';
import type { Stage } from '../config/stages.js';
import { totalEpochs } from '../training/schedule.js';
import type { TrainingSession } from '../training/session.js';
import type { PageStatus } from './run-report.js';
import type { EndReason } from './run-result.js';
import type { TimeSpent } from './time-spent.js';

/** The options that end a run before its schedule does. */
export type LimitOptions = Pick<TrainConfig, 'maxSteps' | 'maxMinutes'>;

/** The limits of one invocation of a run. */
export class RunLimits {
  readonly #options: LimitOptions;
  readonly #time: TimeSpent;
  readonly #signal: AbortSignal | undefined;

  constructor(options: LimitOptions, time: TimeSpent, signal?: AbortSignal) {
    this.#options = options;
    this.#time = time;
    this.#signal = signal;
  }

  /** Whether the run was asked to save and end. */
  get interrupted(): boolean {
    return this.#signal?.aborted === true;
  }

  /** Why this stage does no further step; undefined while it does. */
  endReason({ position, finished }: Pick<TrainingSession, 'position' | 'finished'>): EndReason | undefined {
    const { maxSteps, maxMinutes } = this.#options;
    if (this.interrupted) return 'interrupted';
    if (maxSteps !== null && position.step >= maxSteps) return 'max-steps';
    if (maxMinutes !== null && this.#time.elapsed >= maxMinutes * 60) return 'max-minutes';
    return finished ? 'finished' : undefined;
  }

  /**
   * What the page of a run that has ended says.
   * @param why what `early-stopped` means here.
   */
  pageStatus(reason: EndReason, why?: string): PageStatus {
    if (reason === 'interrupted') return { status: 'stopped', words: 'interrupted' };
    const { maxSteps, maxMinutes } = this.#options;
    const words = {
      finished: 'finished',
      'early-stopped': `stopped early: ${why}`,
      'max-steps': `reached --max-steps ${maxSteps}`,
      'max-minutes': `reached its ${maxMinutes} ${maxMinutes === 1 ? 'minute' : 'minutes'}`,
    };
    return { status: 'finished', words: words[reason] };
  }
}

/** The last step of a run on this many pairs: by the schedules of its stages, or `maxSteps` if that is less. */
export function totalSteps(stages: readonly Stage[], pairs: number, maxSteps: number | null): number {
  const ofStage = ({ steps, config }: Stage) =>
    steps ?? totalEpochs(config) * Math.ceil(Math.ceil(pairs / config.batchSize) / config.accumulate);
  const scheduled = stages.reduce((sum, stage) => sum + ofStage(stage), 0);
  return Math.min(scheduled, maxSteps ?? Number.POSITIVE_INFINITY);
}
