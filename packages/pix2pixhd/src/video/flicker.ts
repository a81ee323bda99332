/**
 * How much a video flickers, and what smoothing costs: measured while it is made, in bounded memory. Depends on change.ts.
 *
 * Flicker is the mean |out_t − out_{t−1}| over the pixels and frames where the input does not change, ghosting the mean distance
 * of the smoothed output from the network's own everywhere else; both of 255. Whether the input changes is judged from
 * one frame to the next, not by what a filter holds.
 */
import type { Image8, ImageRaster } from '../raster.js';
import { changes, contrastOf, STILL } from './change.js';

/** What was measured; null where the video has no such pixels. */
export interface Flicker {
  /** Of the network's output. */
  readonly before: number | null;
  /** Of the smoothed output. */
  readonly after: number | null;
  /** Of the smoothed output. */
  readonly ghosting: number | null;
}

interface FramesAt {
  readonly input: ImageRaster;
  readonly output: Image8;
  readonly smoothed: Image8;
}

/** Measures one video. */
export class FlickerMeter {
  #last: FramesAt | undefined;
  #still = 0;
  #moving = 0;
  #before = 0;
  #after = 0;
  #ghosting = 0;

  /** Adds the next frame. @param smoothed the output itself where nothing is smoothed. */
  add(input: ImageRaster, output: Image8, smoothed: Image8): void {
    const last = this.#last;
    this.#last = { input, output, smoothed };
    if (last === undefined) return;
    const change = changes(input, last.input.data, contrastOf(input));
    const { channels } = output;
    for (let i = 0, at = 0; i < change.length; i++) {
      const isStill = change[i]! <= STILL;
      if (isStill) this.#still += channels;
      else this.#moving += channels;
      for (let c = 0; c < channels; c++, at++) {
        if (isStill) {
          this.#before += Math.abs(output.data[at]! - last.output.data[at]!);
          this.#after += Math.abs(smoothed.data[at]! - last.smoothed.data[at]!);
        } else this.#ghosting += Math.abs(smoothed.data[at]! - output.data[at]!);
      }
    }
  }

  /** What was measured so far. */
  get result(): Flicker {
    const mean = (sum: number, count: number) => (count === 0 ? null : sum / count);
    return {
      before: mean(this.#before, this.#still),
      after: mean(this.#after, this.#still),
      ghosting: mean(this.#ghosting, this.#moving),
    };
  }
}
