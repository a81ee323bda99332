/**
 * Networks in segments: a network says how its parts follow each other, a runner how each part is run. Depends on Module.
 */
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';

/** A tensor that a segment reads. */
export interface SegmentInput {
  readonly tensor: Tensor;
  /** This segment is the last to use it, and owns it, as in {@link Module.forwardOwned}. */
  readonly lastUse: boolean;
}

/**
 * A part of a network. Given the same tensors again it gives the same bits, and it changes nothing but the running statistics of
 * norms, which do not change in the second run of a {@link GradientCheckpointing}.
 */
export type Segment = (...inputs: SegmentInput[]) => Tensor;

/** Runs the parts of a network, one after the other. */
export interface SegmentRunner {
  /** The segment's output. What a segment reads is given to it, but for weights and constants. */
  run(segment: Segment, ...inputs: SegmentInput[]): Tensor;
}

/** Just runs them. */
export const directRunner: SegmentRunner = { run: (segment, ...inputs) => segment(...inputs) };

/** Calls `read` with a tensor, and frees the tensor if this was its last use. */
export function consume({ tensor, lastUse }: SegmentInput, read: (tensor: Tensor) => Tensor): Tensor {
  const output = read(tensor);
  if (lastUse && output !== tensor) tensor.dispose();
  return output;
}

/** A network that can be run part by part. */
export abstract class SegmentedModule extends Module {
  /** The forward pass, every part of it by `runner`. */
  abstract forwardBy(runner: SegmentRunner, input: SegmentInput): Tensor;

  override forward(input: Tensor): Tensor {
    return this.forwardBy(directRunner, { tensor: input, lastUse: false });
  }

  override forwardOwned(input: Tensor): Tensor {
    return this.forwardBy(directRunner, { tensor: input, lastUse: true });
  }
}
