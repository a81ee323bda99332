/** Early stopping: whether a figure still becomes better. Pure arithmetic; depends on types only. */
import type { ValidationState } from '../checkpoint/state.js';
import type { MetricFacts } from '../evaluation/metric.js';

/** Counts measurements without a better figure. Its state goes into checkpoints, so that a killed run decides the same again. */
export class Patience {
  readonly #better: MetricFacts['better'];
  readonly #minDelta: number;
  #state: ValidationState | undefined;

  /** @param state where a resumed stage goes on. */
  constructor(better: MetricFacts['better'], minDelta: number, state?: ValidationState) {
    this.#better = better;
    this.#minDelta = minDelta;
    this.#state = state;
  }

  /** Takes the figure of a step. */
  observe(step: number, figure: number): void {
    const value = finite(figure);
    const before = this.#state;
    const improved =
      before === undefined ||
      lowerIsBetter(this.#better, before.value) - lowerIsBetter(this.#better, value) > this.#minDelta;
    this.#state = improved ? { step, value, waited: 0 } : { ...before, waited: before.waited + 1 };
  }

  /** The last figure that was better than those before, its step, and how many came since; undefined before the first. */
  get state(): ValidationState | undefined {
    return this.#state;
  }
}

/** A figure as a score, of which the lowest is the best. */
export function lowerIsBetter(better: MetricFacts['better'], figure: number): number {
  return better === 'lower' ? finite(figure) : -finite(figure);
}

/** JSON, which checkpoints hold, has no infinity: the PSNR of equal images. */
function finite(figure: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, figure));
}
