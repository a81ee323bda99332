/**
 * The losses of a run: in the log, in memory for its page, and the newest of them for its health. Depends on the log and
 * the report module's history.
 */
import { LossHistory } from '../report/loss-history.js';
import { windowSteps } from './health/thresholds.js';
import { LossLog, type LossRecord } from './loss-log.js';

/** All that is kept of a run's losses, in memory that does not grow with the run. Must be closed. */
export class LossRecords implements Disposable {
  /** All steps of the run. */
  readonly history = new LossHistory();
  /** The last steps of earlier invocations, in order: as many as health looks back on. */
  readonly earlier: readonly LossRecord[];
  readonly #log: LossLog;

  /**
   * Opens the log of a run for the steps after `step`, and reads it once.
   * @throws what {@link LossLog.open} throws.
   */
  constructor(path: string, step: number) {
    const newest: LossRecord[] = [];
    this.#log = LossLog.open(path, step, record => {
      this.history.add(record);
      if (newest.push(record) > windowSteps) newest.shift();
    });
    this.earlier = newest;
  }

  /** Steps that an earlier process did after its last checkpoint, and that are repeated. */
  get dropped(): number {
    return this.#log.dropped;
  }

  /** Adds the record of a step. @throws what {@link LossLog.append} throws. */
  append(record: LossRecord): void {
    this.#log.append(record);
    this.history.add(record);
  }

  [Symbol.dispose](): void {
    this.#log.close();
  }
}
