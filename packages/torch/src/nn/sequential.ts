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

  /**
   * Runs layers `from` (inclusive) to `to` (exclusive). What lies between two layers is released as soon as the next one
   * has read it; autograd keeps what it needs by itself.
   */
  forwardRange(input: Tensor, from: number, to: number): Tensor {
    let x = input;
    for (let i = from; i < to; i++) {
      const layer = this.layers[i]!;
      const next = i + 1 < to ? this.layers[i + 1] : undefined;
      const before = x;
      if (layer instanceof InstanceNorm2d && (next instanceof ReLU || next instanceof LeakyReLU)) {
        x = layer.forwardActivated(x, next instanceof ReLU ? 0 : next.slope);
        i++;
      } else {
        x = layer.forward(x);
      }
      if (before !== input && before !== x) before.dispose();
    }
    return x;
  }
}
