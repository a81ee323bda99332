/**
 * Watches a stage while it trains: its health, non-finite steps, TensorBoard's event files. Depends on health,
 * the report module and the clock.
 */
import { join } from 'node:path';
import { reasonOf } from '../errors.js';
import type { Image8 } from '../raster.js';
import { EventWriter } from '../report/tensorboard/event-writer.js';
import type { TrainingSession } from '../training/session.js';
import type { RunEvents } from './events.js';
import { Health, type Notice } from './health/health.js';
import { type GuardDecision, NonFiniteGuard } from './health/non-finite-guard.js';
import { windowSteps } from './health/thresholds.js';
import { type LossRecord, lossesAmong } from './loss-log.js';
import type { RunFolder } from './run-folder.js';

/** Seconds since 1970. */
const now = () => Date.now() / 1000;

/** Watches one stage of a run. Must be closed. */
export class Monitor implements Disposable {
  readonly #health: Health;
  readonly #guard = new NonFiniteGuard();
  #tensorboard: EventWriter | undefined;
  readonly #events: RunEvents;

  /**
   * @param events receives a note when something begins or ends.
   * @param earlier the newest records before the session's next step, in order; {@link windowSteps} of them are enough.
   */
  constructor(session: TrainingSession, folder: RunFolder, events: RunEvents, earlier: readonly LossRecord[]) {
    const { config, position, stage } = session;
    this.#events = events;
    this.#health = new Health(config.ganMode, stage.config.numD, config.model);
    // The last steps of a resumed stage are repeated, so that its health is known at once.
    const own = Math.min(windowSteps, position.stageStep);
    if (own > 0)
      for (const { step, epoch: _, seconds: _seconds, ...figures } of earlier.slice(-own))
        this.#health.step(step, finiteOrNaN(lossesAmong(figures)));
    if (config.tfLog) this.#tensorboard = EventWriter.open(join(folder.path, 'logs'), now(), position.step);
  }

  /**
   * To be called after a step.
   *
   * @param applied whether the weights were updated.
   * @param checkpoint the step of the last good checkpoint; null if there is none.
   * @returns what to do about it.
   */
  step(
    step: number,
    losses: Readonly<Record<string, number>>,
    applied: boolean,
    checkpoint: number | null,
  ): GuardDecision {
    this.#report(this.#health.step(step, losses));
    this.#record(writer => writer.scalars(step, now(), losses));
    return this.#guard.record(applied, checkpoint);
  }

  /** To be called after a measurement on held-out pairs. */
  validated(step: number, figures: Readonly<Record<string, number>>): void {
    this.#record(writer => writer.scalars(step, now(), figures));
  }

  /** To be called after a sheet of sample pairs was made, with the sheet and the images on it. */
  samples(step: number, sheet: Buffer, generated: readonly Image8[], real: readonly Image8[]): void {
    this.#report(this.#health.samples(step, generated, real));
    this.#record(writer => {
      writer.image(step, now(), 'samples', sheet);
      writer.flush();
    });
  }

  /** Writes for TensorBoard until that fails, as on a full disk; a failure is reported but does not end the run. */
  #record(write: (writer: EventWriter) => void): void {
    const writer = this.#tensorboard;
    if (writer === undefined) return;
    try {
      write(writer);
    } catch (error) {
      this.#tensorboard = undefined;
      // A record may be half written; readers stop there, so anything after it would never be seen.
      closeQuietly(writer);
      this.#events.note(`no more TensorBoard events are written until the run is resumed: ${reasonOf(error)}`);
    }
  }

  /** The state of the run in one line. */
  get healthLine(): string {
    return this.#health.line();
  }

  #report(notices: readonly Notice[]): void {
    for (const { text, step } of notices) this.#events.note(`step ${step}: ${text}`);
  }

  [Symbol.dispose](): void {
    this.#record(writer => writer.close());
    this.#tensorboard = undefined;
  }
}

function closeQuietly(writer: EventWriter): void {
  try {
    writer.close();
  } catch {
    // Writing has failed already; the file is closed anyway.
  }
}

/** The log stores non-finite losses as null. */
function finiteOrNaN(losses: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, loss ?? Number.NaN]));
}
