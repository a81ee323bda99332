/**
 * What watches a run while it trains and tells people: the health line, the steps that are not finite, TensorBoard's event
 * files. Depends on health, the report module and the clock.
 */
import { join } from 'node:path';
import type { Image8 } from '../raster.js';
import { EventWriter } from '../report/tensorboard/event-writer.js';
import type { TrainingSession } from '../training/session.js';
import { Health, type Notice } from './health/health.js';
import { type GuardDecision, NonFiniteGuard } from './health/non-finite-guard.js';
import { windowSteps } from './health/thresholds.js';
import type { LossRecord } from './loss-log.js';
import type { RunFolder } from './run-folder.js';

/** Seconds since 1970. */
const now = () => Date.now() / 1000;

/** Watches one stage of a run. Must be closed. */
export class Monitor implements Disposable {
  readonly #health: Health;
  readonly #guard = new NonFiniteGuard();
  #events: EventWriter | undefined;
  readonly #say: (line: string) => void;

  /**
   * @param say is told what began or ended, a line each.
   * @param before the newest records before the session's next step, in order; {@link windowSteps} of them are enough.
   */
  constructor(
    session: TrainingSession,
    folder: RunFolder,
    say: (line: string) => void,
    before: readonly LossRecord[] = [],
  ) {
    const { config, position, stage } = session;
    this.#say = say;
    this.#health = new Health(config.ganMode, stage.config.numD);
    // A resumed stage is judged at once: its last steps are told again.
    const own = Math.min(windowSteps, position.stageStep);
    if (own > 0)
      for (const { step, epoch: _, seconds: _seconds, ...losses } of before.slice(-own))
        this.#health.step(step, finiteOrNaN(losses));
    if (config.tfLog) this.#events = EventWriter.open(join(folder.path, 'logs'), now(), position.step);
  }

  /**
   * Tells of a step.
   *
   * @param applied whether the weights were updated.
   * @param checkpoint the step of the last good checkpoint; null where there is none.
   * @returns what to do about it.
   */
  step(
    step: number,
    losses: Readonly<Record<string, number>>,
    applied: boolean,
    checkpoint: number | null,
  ): GuardDecision {
    this.#tell(this.#health.step(step, losses));
    this.#record(events => events.scalars(step, now(), losses));
    return this.#guard.record(applied, checkpoint);
  }

  /** Tells of the sample pairs: their sheet, and the images on it. */
  samples(step: number, sheet: Buffer, generated: readonly Image8[], real: readonly Image8[]): void {
    this.#tell(this.#health.samples(step, generated, real));
    this.#record(events => {
      events.image(step, now(), 'samples', sheet);
      events.flush();
    });
  }

  /** Writes for TensorBoard until that fails, as on a full disk: no reason to end a run, but one to say so. */
  #record(write: (events: EventWriter) => void): void {
    const events = this.#events;
    if (events === undefined) return;
    try {
      write(events);
    } catch (error) {
      this.#events = undefined;
      // A record may be half there; a reader stops in front of it. What comes after would never be seen.
      closeQuietly(events);
      this.#say(`nothing more is written for TensorBoard until the run is resumed: ${reasonOf(error)}`);
    }
  }

  /** The state of the run in one line. */
  get healthLine(): string {
    return this.#health.line();
  }

  #tell(notices: readonly Notice[]): void {
    for (const { text, step } of notices) this.#say(`step ${step}: ${text}`);
  }

  [Symbol.dispose](): void {
    this.#record(events => events.close());
    this.#events = undefined;
  }
}

function closeQuietly(events: EventWriter): void {
  try {
    events.close();
  } catch {
    // It has failed already; the file is closed all the same.
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the log stores as null was not finite. */
function finiteOrNaN(losses: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, loss ?? Number.NaN]));
}
