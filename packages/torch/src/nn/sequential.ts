/**
 * Sequential: layers one after the other, keyed by position. Depends on Module and the layers it can fuse.
 */
import type { Tensor } from '../tensor.js';
import { LeakyReLU, ReLU } from './activation.js';
import { Module } from './module.js';
import { InstanceNorm2d } from './normalization.js';

/** Layers in order; keys `0.…`, `1.…` count every layer, as PyTorch does. Norm and activation run as one kernel. */
export class Sequential extends Module {
  readonly layers: readonly Module[];

  constructor(layers: readonly Module[]) {
    super();
    this.layers = layers;
    layers.forEach((layer, index) => {
      this.child(String(index), layer);
    });
  }

  override forward(input: Tensor): Tensor {
    return this.forwardRange(input, 0, this.layers.length);
  }

  override forwardOwned(input: Tensor): Tensor {
    return this.#run(input, true, 0, this.layers.length);
  }

  /** Runs layers `from` (inclusive) to `to` (exclusive). */
  forwardRange(input: Tensor, from: number, to: number): Tensor {
    return this.#run(input, false, from, to);
  }

  /** What lies between two layers nobody else reads: the next one takes it over, and the input where that is `owned`. */
  #run(input: Tensor, owned: boolean, from: number, to: number): Tensor {
    let x = input;
    for (let i = from; i < to; i++) {
      const layer = this.layers[i]!;
      const next = i + 1 < to ? this.layers[i + 1] : undefined;
      const mine = owned || x !== input;
      if (layer instanceof InstanceNorm2d && (next instanceof ReLU || next instanceof LeakyReLU)) {
        const slope = next instanceof ReLU ? 0 : next.slope;
        x = mine ? layer.forwardActivatedOwned(x, slope) : layer.forwardActivated(x, slope);
        i++;
      } else {
        x = mine ? layer.forwardOwned(x) : layer.forward(x);
      }
    }
    return x;
  }
}
