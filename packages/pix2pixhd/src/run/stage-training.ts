/**
 * Trains one stage of a run: batches to the session, losses to the log and the listener, samples and checkpoints when they
 * are due, until the stage or the run is done. Depends on the session, data and the clock; no loss arithmetic.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CheckpointStore } from '../checkpoint/store.js';
import type { TrainingBatch } from '../data/load/batch-source.js';
import { Checkpointer } from './checkpointer.js';
import type { RunEvents, ValidationEvent } from './events.js';
import { lookAhead } from './look-ahead.js';
import { type LossRecord, validationFigure } from './loss-log.js';
import type { LossRecords } from './loss-records.js';
import { Monitor } from './monitor.js';
import { recoverFromNonFinite } from './recovery.js';
import type { RunFolder } from './run-folder.js';
import type { RunLimits } from './run-limits.js';
import type { RunReport } from './run-report.js';
import type { EndReason } from './run-result.js';
import { SampleSheets } from './sample-sheets.js';
import type { OpenStage } from './stage-opener.js';
import type { TimeSpent } from './time-spent.js';
import { type ValidatedBefore, Validator } from './validator.js';

/** What all stages of one invocation of a run share. */
export interface RunParts {
  readonly folder: RunFolder;
  readonly store: CheckpointStore;
  readonly events: RunEvents;
  readonly time: TimeSpent;
  readonly losses: LossRecords;
  readonly report: RunReport;
  readonly limits: RunLimits;
}

/** The training of one open stage. Must be closed; the stage itself stays open. */
export class StageTraining implements Disposable {
  readonly monitor: Monitor;
  readonly sheets: SampleSheets;
  readonly checkpointer: Checkpointer;
  readonly #stage: OpenStage;
  readonly #parts: RunParts;
  readonly #validator: Validator | undefined;

  /**
   * @param before what this stage has reached already.
   * @param earlier the newest records of the run before this invocation.
   */
  constructor(stage: OpenStage, parts: RunParts, before: ValidatedBefore, earlier: readonly LossRecord[]) {
    const { session } = stage;
    this.#stage = stage;
    this.#parts = parts;
    this.monitor = new Monitor(session, parts.folder, parts.events, earlier);
    this.sheets = new SampleSheets(stage, this.monitor, parts);
    this.#validator = stage.validation && new Validator(stage.validation, session, parts.time, before);
    this.checkpointer = new Checkpointer(
      session,
      this.sheets,
      this.#validator,
      parts,
      session.config,
      before.bestScore,
    );
  }

  /**
   * Trains until the stage is done or something ends the run, and saves.
   * @throws UserError if an image cannot be used or a file cannot be written; whatever a step or the listener throws.
   */
  async run(): Promise<EndReason> {
    const reason = await this.#steps();
    await this.checkpointer.finish();
    return reason;
  }

  async #steps(): Promise<EndReason> {
    const { time, events } = this.#parts;
    const { session, loader } = this.#stage;
    const { config, position } = session;
    await events.settled();
    let ended = this.#endReason();
    while (ended === undefined) {
      const batches = loader.epoch(position.epoch, position.batch);
      const groups = lookAhead(inGroups(batches, config.accumulate), session.uploadsAhead);
      for await (const { item: group, next } of timed(groups, time)) {
        await this.#step(group, next);
        // Ready batches come without a turn of the event loop, which is needed to notice Ctrl-C.
        await nextTurn();
        await events.settled();
        ended = this.#endReason();
        if (ended !== undefined) break;
      }
    }
    return ended;
  }

  #endReason(): EndReason | undefined {
    const reason = this.#parts.limits.endReason(this.#stage.session);
    return reason ?? (this.#validator?.exhausted ? 'early-stopped' : undefined);
  }

  /** Whether the run, or its stage, ends with this step, and not because somebody is waiting for it. */
  #endsHere(): boolean {
    const reason = this.#parts.limits.endReason(this.#stage.session);
    return reason !== undefined && reason !== 'interrupted';
  }

  /** Why no better figure is to be expected, in words; undefined where one is. */
  get exhausted(): string | undefined {
    return this.#validator?.exhausted ? this.#validator.reason : undefined;
  }

  async #step(group: readonly TrainingBatch[], next: readonly TrainingBatch[] | undefined): Promise<void> {
    const { time, losses: records, events, store } = this.#parts;
    const { session, loader } = this.#stage;
    const { position } = session;
    const { epoch } = position;
    const before = time.on('steps');
    const { losses, applied } = time.measure('steps', () => session.step(group, loader.batchesPerEpoch, next));
    const seconds = Number((time.on('steps') - before).toFixed(4));
    for (const batch of group) loader.release(batch);
    const { step } = position;
    let validation: ValidationEvent | undefined;
    try {
      if (applied) validation = await this.#validator?.afterStep(this.#endsHere());
    } finally {
      const figure = validation && validationFigure(validation);
      time.measure('log', () => records.append({ step, epoch, ...losses, ...figure, seconds }));
    }
    events.emit({ type: 'step', step, epoch, losses, seconds, applied });
    if (validation !== undefined) {
      this.monitor.validated(step, validationFigure(validation));
      events.emit(validation);
    }
    const decision = this.monitor.step(step, losses, applied, this.checkpointer.lastGood);
    if (decision === 'ok') await this.checkpointer.afterStep(position.batch === 0 ? epoch : null);
    else recoverFromNonFinite(decision, session, this.checkpointer, store, events);
  }

  [Symbol.dispose](): void {
    this.monitor[Symbol.dispose]();
  }
}

/** The items of a source; the time spent waiting for them is counted. */
async function* timed<T>(items: AsyncGenerator<T>, time: TimeSpent): AsyncGenerator<T> {
  try {
    for (;;) {
      const result = await time.measureAsync('data', () => items.next());
      if (result.done) return;
      yield result.value;
    }
  } finally {
    await items.return(undefined);
  }
}

/** Items in groups of a size; the last group may be smaller. */
async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
