/** Shows the training of a segmenter: a bar that is redrawn on a terminal, a line for each epoch. Depends on the terminal. */
import { formatDuration } from '../duration.js';
import type { EpochScores } from '../segmentation/segmenter-file.js';
import type { TrainingProgress } from '../segmentation/training/train.js';
import { barLine, formatLoss } from './progress-line.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

/** `83.78 %`. */
export function formatShare(share: number): string {
  return Number.isNaN(share) ? '–' : `${(100 * share).toFixed(2)} %`;
}

const redrawMs = 100;
const eventMs = 1000;

/** Shows one training. */
export class SegmenterProgress implements Disposable {
  readonly #terminal: Terminal;
  readonly #line: StatusLine;
  readonly #epochs: number;
  readonly #startedMs = performance.now();
  #first: number | undefined;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal, epochs: number) {
    this.#terminal = terminal;
    this.#line = new StatusLine(terminal.out);
    this.#epochs = epochs;
  }

  /** To be called after each step. */
  readonly step = ({ epoch, step, totalSteps, loss }: TrainingProgress): void => {
    const now = performance.now();
    // Steps before a resume took no time of this one.
    this.#first ??= step - 1;
    const secondsPerStep = (now - this.#startedMs) / 1000 / (step - this.#first);
    const secondsLeft = (totalSteps - step) * secondsPerStep;
    if (now - this.#toldMs >= eventMs) {
      this.#toldMs = now;
      this.#terminal.event('step', { step, totalSteps, epoch, secondsPerStep, secondsLeft, losses: { loss } });
    }
    if (now - this.#drawnMs < redrawMs) return;
    this.#drawnMs = now;
    const words = `step ${step}/${totalSteps}  ${formatLoss(secondsPerStep)} s/step  ${formatDuration(secondsLeft)} left`;
    const columns = this.#terminal.out.columns ?? 80;
    this.#line.show(barLine(step / totalSteps, words, [`loss ${formatLoss(loss)}`], columns));
  };

  /** To be called after each epoch. */
  readonly epoch = (scores: EpochScores, best: boolean): void => {
    this.#line.clear();
    this.#terminal.event('epoch', { ...scores, epochs: this.#epochs, best });
    const { epoch, loss, pixelAccuracy, meanIou } = scores;
    this.#terminal.out.write(
      `epoch ${epoch}/${this.#epochs}  loss ${formatLoss(loss)}  held out: pixel accuracy ${formatShare(pixelAccuracy)}, mean IoU ${meanIou.toFixed(4)}${best ? ', the best so far' : ''}\n`,
    );
  };

  /** Clears what is redrawn. */
  [Symbol.dispose](): void {
    this.#line.clear();
  }
}
