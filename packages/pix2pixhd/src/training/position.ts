/** Where a run stands in its stages, epochs and batches. Pure arithmetic; depends on nothing. */

/** The next step to do. */
export class Position {
  /** Steps done in all. */
  step = 0;
  /** Steps done in this stage. */
  stageStep = 0;
  /** Epoch of the next step, counted from 1 in every stage. */
  epoch = 1;
  /** Batches done in that epoch. */
  batch = 0;

  /** After a step on so many batches. */
  advance(batches: number, batchesPerEpoch: number): void {
    this.step++;
    this.stageStep++;
    this.batch += batches;
    this.skipFinishedEpoch(batchesPerEpoch);
  }

  /** Goes on to the next epoch where this one has no batch left: after its last, or because the data set has shrunk. */
  skipFinishedEpoch(batchesPerEpoch: number): void {
    if (this.batch < batchesPerEpoch) return;
    this.batch = 0;
    this.epoch++;
  }
}
