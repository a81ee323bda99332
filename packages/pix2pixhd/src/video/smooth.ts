/**
 * The filter of `--smooth`: what flickers while the input stands still is averaged over time, and what moves is let go.
 * Depends on change.ts.
 *
 * An exponential moving average of the output, out ← w·out + (1 − w)·new, with a weight for each pixel: w = X where the input is
 * still, 0 where it moves, linear between the thresholds of change.ts. What the input is compared with is the same average of
 * the input, not the frame before. So a slow change adds up until the filter lets go: the result never belongs to an input
 * that is further away than the threshold.
 */
import type { Image8, ImageRaster } from '../raster.js';
import { changes, contrastOf, MOVING, STILL } from './change.js';

/** Smooths the output of one video. */
export class Smoother {
  readonly #strength: number;
  /** The average of the outputs, and the one of the inputs that belongs to it; (H, W, C). */
  #held: { readonly output: Float32Array; readonly input: Float32Array } | undefined;

  /** @param strength the weight X of what went before, at least 0 and below 1. */
  constructor(strength: number) {
    this.#strength = strength;
  }

  /**
   * The next frame, smoothed. The first is left as it is.
   *
   * @param input what the network was given.
   * @param output what it made of that; all frames are of one size.
   */
  next(input: ImageRaster, output: Image8): Image8 {
    if (this.#held === undefined) {
      this.#held = { output: new Float32Array(output.data), input: new Float32Array(input.data) };
      return output;
    }
    const held = this.#held;
    const weights = changes(input, held.input, contrastOf(input));
    for (let i = 0; i < weights.length; i++) weights[i] = this.#strength * stillness(weights[i]!);
    average(held.input, input.data, weights, input.channels);
    average(held.output, output.data, weights, output.channels);
    return { ...output, data: rounded(held.output) };
  }
}

/** 1 where a change is noise, 0 where it is motion. */
function stillness(change: number): number {
  return Math.min(1, Math.max(0, (MOVING - change) / (MOVING - STILL)));
}

function rounded(values: Float32Array): Uint8Array {
  const out = new Uint8Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = values[i]! + 0.5;
  return out;
}

function average(held: Float32Array, values: ArrayLike<number>, weights: Float32Array, channels: number): void {
  for (let i = 0, at = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    for (let c = 0; c < channels; c++, at++) held[at] = weight * held[at]! + (1 - weight) * values[at]!;
  }
}
