/**
 * An exponential moving average of a generator's weights: it draws steadier images than the weights of any one step.
 * Depends on torch only.
 */
import { type nn, noGrad, ops } from '@pix2pixhd/torch';

/** Keeps a network of the same shape as the trained one at the average of its weights over the last steps. */
export class ExponentialMovingAverage {
  /** The averaged network; its lowered copies are made anew by {@link ExponentialMovingAverage.current}. */
  readonly #ema: nn.Module;
  readonly #source: nn.Module;
  readonly #decay: number;

  /**
   * @param average a network of the source's shape; it takes over the source's weights.
   * @param decay of the average in a step, below 1: 0.999 averages over about 1000 steps.
   */
  constructor(source: nn.Module, average: nn.Module, decay: number) {
    this.#source = source;
    this.#ema = average.trainable(false);
    this.#decay = decay;
    this.restart();
  }

  /**
   * Moves the average towards the source.
   * @param step steps done since the average began. Over the first ones the average is shorter, (1 + step) / (10 + step), since the weights
   * still go far in every step.
   */
  update(step: number): void {
    const decay = Math.min(this.#decay, (1 + step) / (10 + step));
    const source = this.#source.stateDict();
    noGrad(() => {
      for (const [key, tensor] of this.#ema.stateDict()) {
        const towards = source.get(key)!;
        // Running statistics are averages already, and counters are no weights.
        if (key.includes('running_') || !tensor.dtype.startsWith('float')) ops.copyInPlace(tensor, towards).dispose();
        else ops.lerpInPlace(tensor, towards, 1 - decay).dispose();
      }
    });
  }

  /** Begins again at the source's weights. */
  restart(): void {
    this.#ema.loadStateDict(this.#source.stateDict());
  }

  /** The averaged network, ready to be run. */
  current(): nn.Module {
    for (const parameter of this.#ema.parameters()) parameter.refresh();
    return this.#ema;
  }

  /** The averaged network for a checkpoint: its master weights. */
  get network(): nn.Module {
    return this.#ema;
  }

  /** Frees the average. */
  dispose(): void {
    this.#ema.dispose();
  }
}
