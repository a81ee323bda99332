/**
 * How a run shows that it is alive: a bar that is redrawn on a terminal, plain lines elsewhere. Depends on the stream
 * and the clock that it is given.
 */

import { barLine, formatDuration, formatLoss } from './progress-line.js';

/** Where progress is written; `process.stderr` and `process.stdout` are such streams. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Where a program reads: is given what would have been written as text. */
  readonly event?: (name: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** When the run ends. Where several limits are set, whichever is reached first. */
export interface ProgressLimits {
  /** Steps done before this invocation. */
  readonly startStep: number;
  /** Steps of the whole run. */
  readonly totalSteps: number | null;
  /** Seconds of this invocation. */
  readonly maxSeconds: number | null;
}

/** A step that was done. */
export interface StepReport {
  /** Steps done, counted from 1. */
  readonly step: number;
  /** The epoch of the step, counted from 1. */
  readonly epoch: number;
  /** Losses by name, in the order in which to show them. */
  readonly losses: Readonly<Record<string, number>>;
}

const redrawMs = 100;

/** Writes the progress of one run. Losses shown are means over the steps since the last bar or line. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #limits: ProgressLimits;
  readonly #printFreq: number;
  readonly #now: () => number;
  readonly #startedMs: number;
  #lastStepMs: number;
  #secondsPerStep = 0;
  #reports = 0;
  #since: StepReport[] = [];
  #drawnMs = Number.NEGATIVE_INFINITY;
  #bar = '';

  /**
   * @param printFreq steps between two lines, where there is no terminal. The first and the last step have one too.
   * @param now milliseconds of a clock that never goes back.
   */
  constructor(stream: ProgressStream, limits: ProgressLimits, printFreq: number, now = () => performance.now()) {
    this.#stream = stream;
    this.#limits = limits;
    this.#printFreq = printFreq;
    this.#now = now;
    this.#startedMs = this.#lastStepMs = now();
  }

  /** Tells of a step that was done just now. */
  step(report: StepReport): void {
    const now = this.#now();
    this.#measure((now - this.#lastStepMs) / 1000);
    this.#lastStepMs = now;
    this.#since.push(report);
    if (this.#stream.isTTY) {
      if (now - this.#drawnMs >= redrawMs) this.#draw(now);
    } else if (this.#reports === 1 || report.step % this.#printFreq === 0) {
      this.#printLine(now);
    }
  }

  /** Writes a line of its own, above the bar where there is one. */
  note(text: string): void {
    if (this.#stream.event) this.#stream.event('note', { text: text.trim() });
    else if (!this.#stream.isTTY) this.#stream.write(`${text}\n`);
    else this.#stream.write(`\r\x1b[K${text}\n${this.#bar}`);
  }

  /** Shows the last step and leaves the cursor on a new line. */
  finish(): void {
    const now = this.#now();
    if (this.#stream.isTTY) {
      if (this.#since.length > 0) this.#draw(now);
      if (this.#bar !== '') this.#stream.write('\n');
      this.#bar = '';
    } else if (this.#since.length > 0) {
      this.#printLine(now);
    }
  }

  /** A moving mean of about 20 steps, and the plain mean before that, so that the first slow step is soon forgotten. */
  #measure(seconds: number): void {
    this.#reports++;
    this.#secondsPerStep += (seconds - this.#secondsPerStep) * Math.max(1 / this.#reports, 0.05);
  }

  #draw(now: number): void {
    const { fraction, text } = this.#describe(now);
    this.#bar = barLine(fraction, text, this.#losses(), this.#stream.columns ?? 80);
    this.#stream.write(`\r\x1b[K${this.#bar}`);
    this.#drawnMs = now;
    this.#since = [];
  }

  #printLine(now: number): void {
    const { epoch, step } = this.#since.at(-1)!;
    const { text, left } = this.#describe(now);
    if (this.#stream.event) {
      const times = { secondsPerStep: this.#secondsPerStep, secondsLeft: Number.isFinite(left) ? left : null };
      const losses = Object.fromEntries(this.#meanLosses());
      this.#stream.event('step', { step, totalSteps: this.#limits.totalSteps, epoch, ...times, losses });
    } else this.#stream.write(`epoch ${epoch}  ${[text, ...this.#losses()].join('  ')}\n`);
    this.#since = [];
  }

  /** How much is done, from 0 to 1, and in words: steps, seconds per step, seconds left. */
  #describe(now: number): { fraction: number | null; text: string; left: number } {
    const { startStep, totalSteps, maxSeconds } = this.#limits;
    const step = this.#since.at(-1)!.step;
    const elapsed = (now - this.#startedMs) / 1000;
    const bySteps = totalSteps === null ? Number.POSITIVE_INFINITY : (totalSteps - step) * this.#secondsPerStep;
    const byTime = maxSeconds === null ? Number.POSITIVE_INFINITY : maxSeconds - elapsed;
    const left = Math.max(0, Math.min(bySteps, byTime));
    const done: number[] = [];
    if (totalSteps !== null) done.push((step - startStep) / Math.max(1, totalSteps - startStep));
    if (maxSeconds !== null) done.push(elapsed / maxSeconds);
    const parts = [
      // Steps that the time does not suffice for are no promise to make.
      `step ${step}${totalSteps === null || byTime < bySteps ? '' : `/${totalSteps}`}`,
      `${formatLoss(this.#secondsPerStep)} s/step`,
      ...(Number.isFinite(left) ? [`${formatDuration(left)} left`] : []),
    ];
    return { fraction: done.length > 0 ? Math.min(1, Math.max(...done)) : null, text: parts.join('  '), left };
  }

  #losses(): string[] {
    return this.#meanLosses().map(([name, mean]) => `${name} ${formatLoss(mean)}`);
  }

  #meanLosses(): [name: string, mean: number][] {
    return Object.keys(this.#since.at(-1)!.losses).map(name => {
      const values = this.#since.flatMap(({ losses }) => losses[name] ?? []);
      return [name, values.reduce((sum, value) => sum + value, 0) / values.length];
    });
  }
}
