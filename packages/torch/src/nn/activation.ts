/**
 * Activation functions as layers. Depends on Module and ops.
 */
import * as ops from '../ops/index.js';
import type { Tensor } from '../tensor.js';
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

/** x Φ(x), Φ being the normal distribution's; `tanh` approximates it as the GELU paper does. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh';

  constructor(approximate: 'none' | 'tanh' = 'none') {
    super();
    this.approximate = approximate;
  }

  override forward(input: Tensor): Tensor {
    return ops.gelu(input, { approximate: this.approximate });
  }
}

/** x sigmoid(x), also called swish. */
export class SiLU extends Module {
  override forward(input: Tensor): Tensor {
    return ops.silu(input);
  }
}

/** x where positive, else `alpha` (exp(x) − 1). */
export class ELU extends Module {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override forward(input: Tensor): Tensor {
    return ops.elu(input, this.alpha);
  }
}

/** exp(x), divided by its sum along an axis. */
export class Softmax extends Module {
  readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  override forward(input: Tensor): Tensor {
    return ops.softmax(input, this.dim);
  }
}

/** The logarithm of {@link Softmax}, without its loss of precision. */
export class LogSoftmax extends Module {
  readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  override forward(input: Tensor): Tensor {
    return ops.logSoftmax(input, this.dim);
  }
}
