/** Why and where a run ended. Depends on nothing. */

/** The end of the schedule, no better figure (`--patience`), a limit, or the abort signal. */
export type EndReason = 'finished' | 'early-stopped' | 'max-steps' | 'max-minutes' | 'interrupted';

/** Whether a stage is done, so that the next one may begin. */
export function stageDone(reason: EndReason): boolean {
  return reason === 'finished' || reason === 'early-stopped';
}

/** How one invocation of a run went. */
export interface RunResult {
  readonly reason: EndReason;
  /** Where no better figure was found (`--patience`): that, in words. */
  readonly why?: string | undefined;
  /** Steps done, over all invocations. */
  readonly step: number;
  /** Mean seconds per step in this invocation; NaN if it did none. */
  readonly secondsPerStep: number;
  /** Seconds of this invocation, as `maxMinutes` counts them: from the first step's preparation to the last checkpoint. */
  readonly seconds: number;
  /** Time spent waiting for batches as a share of waiting and computing, 0…1; NaN if there was no step. */
  readonly waitShare: number;
  /** Where the time of this invocation went, in one line. */
  readonly time: string;
  /** The state of the run's health, in one line. */
  readonly health: string;
}
