/**
 * The events of a run, for the command line's progress and for programs. Depends on types only.
 */
import type { RunResult } from './run-result.js';

/** The run is open: data, networks and folder are ready. */
export interface StartEvent {
  readonly type: 'start';
  /** `CHECKPOINTS_DIR/NAME`. */
  readonly folder: string;
  /** Training pairs; without pairs, images of the larger domain. */
  readonly pairs: number;
  /** Images of each domain, where there are no pairs. */
  readonly domains?: { readonly a: number; readonly b: number } | undefined;
  readonly device: string;
  readonly precision: 'fp32' | 'bf16';
  readonly threads: number;
  /** Steps done before; 0 for a new run. */
  readonly step: number;
  /** The step with which the schedule or `maxSteps` ends the run. */
  readonly totalSteps: number;
  /** Seconds after which the run ends; null without such a limit. */
  readonly maxSeconds: number | null;
}

/** A stage of a run with `--stages` is being opened. */
export interface StageEvent {
  readonly type: 'stage';
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
  /** In words: `stage 2 of 3: enhancer 1 alone, …`. */
  readonly description: string;
}

/** A step is done and in the log. */
export interface StepEvent {
  readonly type: 'step';
  /** Steps done, counted from 1. */
  readonly step: number;
  /** The epoch of the step, counted from 1. */
  readonly epoch: number;
  /** The losses before the update, by name, in the order of the log. */
  readonly losses: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Whether the weights were updated; false if a loss or a gradient is not finite. */
  readonly applied: boolean;
}

/** A sheet of sample pairs was made. */
export interface SampleEvent {
  readonly type: 'sample';
  readonly step: number;
  /** The sheet, a PNG file. */
  readonly path: string;
  /** The mean L1 distance of the generated to the real images on [0, 1]. */
  readonly score: number;
}

/** The run was measured on held-out pairs (`--validate`). */
export interface ValidationEvent {
  readonly type: 'validation';
  readonly step: number;
  /** The metric by its name in options: `psnr`. */
  readonly metric: string;
  /** Its mean over the pairs. */
  readonly value: number;
  /** The same as it is printed: `PSNR 19.07 dB`. */
  readonly text: string;
  /** Whether it is the best of the stage so far. */
  readonly best: boolean;
  /** How many measurements there were since the last that was better by more than `--min-delta`. */
  readonly waited: number;
}

/** A checkpoint was saved. */
export interface CheckpointEvent {
  readonly type: 'checkpoint';
  readonly step: number;
  readonly path: string;
  /** Whether it has the best score of its stage so far. */
  readonly best: boolean;
}

/** Something to tell the user, one line. */
export interface NoteEvent {
  readonly type: 'note';
  readonly text: string;
}

/** The run has ended and is saved. Not sent if an error ends it. */
export interface EndEvent {
  readonly type: 'end';
  readonly result: RunResult;
}

/** An event of a run, discriminated by `type`. */
export type RunEvent =
  | StartEvent
  | StageEvent
  | StepEvent
  | SampleEvent
  | ValidationEvent
  | CheckpointEvent
  | NoteEvent
  | EndEvent;

/**
 * Receives the events of a run in order. The next step waits for a promise that it returns; an error that it throws ends the
 * run like any other error, after saving.
 */
export type RunListener = (event: RunEvent) => void | Promise<void>;

/** Passes the events of one run on to its listener. */
export class RunEvents {
  readonly #listener: RunListener;
  readonly #pending: Promise<void>[] = [];
  readonly #errors: unknown[] = [];

  constructor(listener: RunListener = () => {}) {
    this.#listener = listener;
  }

  /** Passes an event on. Never throws: see {@link settled}. */
  emit(event: RunEvent): void {
    try {
      const pending = this.#listener(event);
      if (pending !== undefined) this.#pending.push(pending.catch((error: unknown) => void this.#errors.push(error)));
    } catch (error) {
      this.#errors.push(error);
    }
  }

  /** Passes a {@link NoteEvent} on. */
  note(text: string): void {
    this.emit({ type: 'note', text });
  }

  /** Waits until the listener has handled all events. @throws the first error that the listener threw. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending.splice(0));
    const [error] = this.#errors.splice(0);
    if (error !== undefined) throw error;
  }
}
