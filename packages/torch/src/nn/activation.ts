/**
 * Layers without weights. Depends on Module and ops.
 */
import { TorchError } from '../errors.js';
import * as ops from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { isRecomputing } from './gradient-checkpointing.js';
import { Module } from './module.js';

/** max(x, 0). */
export class ReLU extends Module {
  override forward(input: Tensor): Tensor {
    return ops.relu(input);
  }
}

/** x where positive, else `slope` x. */
export class LeakyReLU extends Module {
  readonly slope: number;

  constructor(slope = 0.01) {
    super();
    this.slope = slope;
  }

  override forward(input: Tensor): Tensor {
    return ops.leakyRelu(input, this.slope);
  }
}

/** Hyperbolic tangent, in float32 at least: the last layer of a generator decides the image's precision. */
export class Tanh extends Module {
  override forward(input: Tensor): Tensor {
    if (input.dtype !== 'bfloat16') return ops.tanh(input);
    const wide = ops.toDtype(input, 'float32');
    const output = ops.tanh(wide);
    wide.dispose();
    return output;
  }
}

/** 1 / (1 + exp(-x)). */
export class Sigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return ops.sigmoid(input);
  }
}

/** Reflection of `pad` pixels on all sides. */
export class ReflectionPad2d extends Module {
  readonly pad: number;

  constructor(pad: number) {
    super();
    this.pad = pad;
  }

  override forward(input: Tensor): Tensor {
    return ops.reflectionPad(input, this.pad);
  }
}

/** Nearest-neighbour upsampling by a whole factor. */
export class UpsampleNearest2d extends Module {
  readonly factor: number;

  constructor(factor: number) {
    super();
    this.factor = factor;
  }

  override forward(input: Tensor): Tensor {
    const [, , height, width] = input.shape as [number, number, number, number];
    return ops.upsampleNearest2d(input, [height * this.factor, width * this.factor]);
  }
}

/**
 * In training, zeroes elements with `probability` and scales the rest up; drawn from the default generator. Not for a
 * {@link GradientCheckpointing}: its second run would draw anew.
 */
export class Dropout extends Module {
  readonly probability: number;

  constructor(probability = 0.5) {
    super();
    this.probability = probability;
  }

  /** @throws Error in the second run of a checkpointed segment. */
  override forward(input: Tensor): Tensor {
    if (this.training && isRecomputing())
      throw new TorchError('INVALID_ARGUMENT', 'Dropout: a checkpointed segment would draw other zeroes');
    return ops.dropout(input, this.probability, this.training);
  }
}
