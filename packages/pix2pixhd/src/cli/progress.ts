/**
 * How the command line shows a run: a bar that is redrawn on a terminal, plain lines elsewhere. Listens to the run's events;
 * depends on the stream and the clock that it is given.
 */
import { formatDuration } from '../duration.js';
import type { RunEvent, StartEvent, StepEvent, ValidationEvent } from '../run/events.js';
import { barLine, formatLoss } from './progress-line.js';
import { redraw, type TextStream } from './terminal.js';

/** When a run ends. Where several limits are set, whichever is reached first. */
export type ProgressLimits = Pick<StartEvent, 'step' | 'totalSteps' | 'maxSeconds'>;

/** What is shown of a step. */
export type ShownStep = Pick<StepEvent, 'step' | 'epoch' | 'losses'>;

const redrawMs = 100;

/** Events that `--json` prints as they are. */
const asLines: ReadonlySet<RunEvent['type']> = new Set(['start', 'stage', 'sample', 'validation', 'checkpoint']);

/** Shows the progress of one run. Losses are means over the steps since the last bar or line. */
export class Progress implements Disposable {
  readonly #stream: TextStream;
  readonly #printFreq: number;
  readonly #now: () => number;
  #limits: ProgressLimits = { step: 0, totalSteps: 0, maxSeconds: null };
  #startedMs: number;
  #lastStepMs: number;
  #secondsPerStep = 0;
  #reports = 0;
  #since: ShownStep[] = [];
  #drawnMs = Number.NEGATIVE_INFINITY;
  #bar = '';
  #validation: string | undefined;

  /**
   * @param printFreq steps between two lines, where there is no terminal. The first and the last step have one too.
   * @param now milliseconds of a clock that never goes back.
   */
  constructor(stream: TextStream, printFreq: number, now = () => performance.now()) {
    this.#stream = stream;
    this.#printFreq = printFreq;
    this.#now = now;
    this.#startedMs = this.#lastStepMs = now();
  }

  /** Shows an event of the run; to be handed to it as it is. */
  readonly show = (event: RunEvent): void => {
    if (event.type === 'start') this.start(event);
    else if (event.type === 'step') this.step(event);
    else if (event.type === 'note') this.note(event.text);
    else if (event.type === 'stage') this.note(event.description);
    else if (event.type === 'validation') this.#validated(event);
    else if (event.type === 'end') this.finish();
    const { type, ...fields } = event;
    if (this.#stream.event && asLines.has(type)) this.#stream.event(type, fields);
  };

  /** Says what the run trains on and with; time is counted from here. */
  start(event: StartEvent): void {
    this.#limits = event;
    this.#startedMs = this.#lastStepMs = this.#now();
    const { pairs, domains, precision, device, threads, folder } = event;
    const data =
      domains === undefined ? counted(pairs, 'pair') : `${counted(domains.a, 'image')} of A, ${domains.b} of B`;
    if (this.#stream.event) return;
    this.note(`${data}; ${precision} on ${device}, ${counted(threads, 'thread')}; run folder ${folder}`);
  }

  /** Shows a step that was done just now. */
  step(report: ShownStep): void {
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
    else this.#stream.write(`${redraw}${text}\n${this.#bar}`);
  }

  /** Says what was measured, and keeps it in the bar and the lines of the steps. */
  #validated({ step, text, best, waited }: ValidationEvent): void {
    this.#validation = text;
    const since = waited === 0 ? '' : `; ${counted(waited, 'measurement')} since the last that was better`;
    if (!this.#stream.event) this.note(`step ${step}: ${text} on held-out pairs${best ? ', the best so far' : since}`);
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

  [Symbol.dispose](): void {
    this.finish();
  }

  /** A moving mean of about 20 steps, and the plain mean before that, so that the first slow step is soon forgotten. */
  #measure(seconds: number): void {
    this.#reports++;
    this.#secondsPerStep += (seconds - this.#secondsPerStep) * Math.max(1 / this.#reports, 0.05);
  }

  #draw(now: number): void {
    const { fraction, text } = this.#describe(now);
    this.#bar = barLine(fraction, text, this.#losses(), this.#stream.columns ?? 80);
    this.#stream.write(`${redraw}${this.#bar}`);
    this.#drawnMs = now;
    this.#since = [];
  }

  #printLine(now: number): void {
    const { epoch, step } = this.#since.at(-1)!;
    const { text, left } = this.#describe(now);
    if (this.#stream.event) {
      const { totalSteps } = this.#limits;
      const times = { secondsPerStep: this.#secondsPerStep, secondsLeft: left };
      this.#stream.event('step', { step, totalSteps, epoch, ...times, losses: Object.fromEntries(this.#meanLosses()) });
    } else this.#stream.write(`epoch ${epoch}  ${[text, ...this.#losses()].join('  ')}\n`);
    this.#since = [];
  }

  /** How much is done, from 0 to 1, and in words: steps, seconds per step, seconds left. */
  #describe(now: number): { fraction: number; text: string; left: number } {
    const { step: startStep, totalSteps, maxSeconds } = this.#limits;
    const step = this.#since.at(-1)!.step;
    const elapsed = (now - this.#startedMs) / 1000;
    const bySteps = (totalSteps - step) * this.#secondsPerStep;
    const byTime = maxSeconds === null ? Number.POSITIVE_INFINITY : maxSeconds - elapsed;
    const done = (step - startStep) / Math.max(1, totalSteps - startStep);
    const left = Math.max(0, Math.min(bySteps, byTime));
    const parts = [
      // Steps for which there is no time are not promised.
      `step ${step}${byTime < bySteps ? '' : `/${totalSteps}`}`,
      `${formatLoss(this.#secondsPerStep)} s/step`,
      `${formatDuration(left)} left`,
      ...(this.#validation === undefined ? [] : [this.#validation]),
    ];
    const fraction = Math.min(1, Math.max(done, maxSeconds === null ? 0 : elapsed / maxSeconds));
    return { fraction, text: parts.join('  '), left };
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

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
