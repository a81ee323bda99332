/**
 * Sequential: layers one after the other, keyed by position. Depends on Module, segments and the layers it can fuse.
 */
import { TorchError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { LeakyReLU, ReLU } from './activation.js';
import type { Module } from './module.js';
import { InstanceNorm2d } from './normalization.js';
import { type Segment, SegmentedModule, type SegmentInput, type SegmentRunner } from './segmented.js';

/** Layers in order; keys `0.…`, `1.…` count every layer, as PyTorch does. Norm and activation run as one kernel. */
export class Sequential extends SegmentedModule {
  readonly layers: readonly Module[];
  /** Where segments begin, and the end of the last one. */
  readonly #bounds: readonly number[];

  /** @param lengths how many layers each segment has; without it all are one segment. */
  constructor(layers: readonly Module[], lengths: readonly number[] = [layers.length]) {
    super();
    const bounds = [0];
    for (const length of lengths) bounds.push(bounds.at(-1)! + length);
    if (bounds.at(-1) !== layers.length)
      throw new TorchError(
        'INVALID_ARGUMENT',
        `Sequential: segments of ${lengths.join(', ')} layers, but there are ${layers.length} layers`,
      );
    this.layers = layers;
    this.#bounds = bounds;
    layers.forEach((layer, index) => {
      this.child(String(index), layer);
    });
  }

  /** Layers in segments. */
  static ofSegments(segments: readonly (readonly Module[])[]): Sequential {
    return new Sequential(
      segments.flat(),
      segments.map(({ length }) => length),
    );
  }

  override forwardBy(runner: SegmentRunner, input: SegmentInput): Tensor {
    let given = input;
    for (const segment of this.segments) given = { tensor: runner.run(segment, given), lastUse: true };
    return given.tensor;
  }

  /** The segments in order, each of one input: for a network that does more between them. */
  get segments(): readonly Segment[] {
    return this.#bounds.slice(1).map((to, i): Segment => {
      const from = this.#bounds[i]!;
      return input => this.#run(input!.tensor, input!.lastUse, from, to);
    });
  }

  /** Runs layers `from` (inclusive) to `to` (exclusive). */
  forwardRange(input: Tensor, from: number, to: number): Tensor {
    return this.#run(input, false, from, to);
  }

  /** Each layer owns the output of the layer before it, and the first one the input if `owned`. */
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
