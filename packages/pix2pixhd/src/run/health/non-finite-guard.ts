/**
 * Decides what to do about steps whose losses or gradients are not finite: leave the step out, go back to the last good
 * checkpoint, or give up. Depends on nothing.
 */

/** What to do after a step. */
export type GuardDecision =
  /** Finite: update the weights. */
  | 'ok'
  /** Leave this step's update out. */
  | 'skipped'
  /** Several in a row: the weights are bad. Go back to the checkpoint that was named. */
  | 'roll-back'
  /** There is no checkpoint, or going back to this one did not help. */
  | 'stop';

/** Such steps in a row after which the weights, and not the batch, are to blame. */
export const skipsInARow = 3;
/** How often one checkpoint is gone back to. */
export const rollBacksPerCheckpoint = 3;

/** Counts steps that are not finite, in a row and in all. */
export class NonFiniteGuard {
  /** Steps left out so far. */
  skipped = 0;
  /** Times that the run went back to the checkpoint last gone back to; 0 before the first. */
  rollBacks = 0;
  #inARow = 0;
  #checkpoint: number | null = null;

  /**
   * Tells of a step that was computed, before its update.
   *
   * @param finite whether all of its losses are.
   * @param checkpoint the step of the last good checkpoint; null where there is none.
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
