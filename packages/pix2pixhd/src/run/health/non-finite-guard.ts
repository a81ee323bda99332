/**
 * Decides what to do about steps whose losses or gradients are not finite: skip the step, go back to the last good
 * checkpoint, or stop. Depends on nothing.
 */

/** What to do after a step. */
export type GuardDecision =
  /** Finite: update the weights. */
  | 'ok'
  /** Skip this step's update. */
  | 'skipped'
  /** Several in a row: the weights are bad. Go back to the given checkpoint. */
  | 'roll-back'
  /** There is no checkpoint, or going back to this one did not help. */
  | 'stop';

/** After this many such steps in a row the weights, not the batch, are the cause. */
export const skipsInARow = 3;
/** How often a run goes back to the same checkpoint. */
export const rollBacksPerCheckpoint = 3;

/** Counts steps that are not finite, in a row and in all. */
export class NonFiniteGuard {
  /** Steps skipped so far. */
  skipped = 0;
  /** How often the run has gone back to the same checkpoint; 0 before the first time. */
  rollBacks = 0;
  #inARow = 0;
  #checkpoint: number | null = null;

  /**
   * To be called after a step's gradients are computed, before its update.
   *
   * @param finite whether its losses and gradients are finite.
   * @param checkpoint the step of the last good checkpoint; null if there is none.
   */
  record(finite: boolean, checkpoint: number | null): GuardDecision {
    if (finite) {
      this.#inARow = 0;
      return 'ok';
    }
    this.skipped++;
    this.#inARow++;
    if (this.#inARow < skipsInARow) return 'skipped';
    this.#inARow = 0;
    if (checkpoint === null) return 'stop';
    this.rollBacks = checkpoint === this.#checkpoint ? this.rollBacks + 1 : 1;
    this.#checkpoint = checkpoint;
    return this.rollBacks > rollBacksPerCheckpoint ? 'stop' : 'roll-back';
  }
}
