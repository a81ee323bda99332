/**
 * An exponential moving average (EMA) of a generator's weights: its images vary less from step to step than those of the
 * weights themselves. Depends on torch only.
 */
import { type nn, noGrad, ops } from '@pix2pixhd/torch';

/** Keeps a second network at the average of the trained one's weights over the last steps. */
export class ExponentialMovingAverage {
  /** The averaged network; {@link ExponentialMovingAverage.current} refreshes its bf16 copies. */
  readonly #ema: nn.Module;
  readonly #source: nn.Module;
  readonly #decay: number;

  /**
   * @param average a network of the source's shape; it is set to the source's weights, and owned from now on.
   * @param decay of the average per step, below 1: 0.999 averages over about 1000 steps.
   */
  constructor(source: nn.Module, average: nn.Module, decay: number) {
    this.#source = source;
    this.#ema = average.trainable(false);
    this.#decay = decay;
    this.reset();
  }

  /**
   * Moves the average towards the source.
   * @param step steps done since the average began. At first the decay is only (1 + step) / (10 + step), since the weights
   * change most in the first steps.
   */
  update(step: number): void {
    const decay = Math.min(this.#decay, (1 + step) / (10 + step));
    const source = this.#source.stateDict();
    noGrad(() => {
      for (const [key, tensor] of this.#ema.stateDict()) {
        const current = source.get(key)!;
        // Running statistics are averages already, and counters are not weights.
        if (key.includes('running_') || !tensor.dtype.startsWith('float')) ops.copyInPlace(tensor, current).dispose();
        else ops.lerpInPlace(tensor, current, 1 - decay).dispose();
      }
    });
  }

  /** Starts over from the source's weights. */
  reset(): void {
    this.#ema.loadStateDict(this.#source.stateDict());
  }

  /** The averaged network, ready for a forward pass. */
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
