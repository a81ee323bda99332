/**
 * PyTorch's default initial values, and layers without them. Depends on ops and scope.
 */
import * as ops from '../ops/index.js';
import type { RandomGenerator } from '../random.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';

/** Uniform in ±1/sqrt(fan in): PyTorch's default for weights and biases of convolutions and linear layers. */
export function uniformOfFanIn(shape: readonly number[], fanIn: number, generator: RandomGenerator | null): Tensor {
  const bound = 1 / Math.sqrt(fanIn);
  return drawn(shape, weight => ops.uniformInPlace(weight, -bound, bound, { generator }));
}

/** A new float32 tensor that `draw` has filled; within {@link skipInit} it is left as it is. */
export function drawn(shape: readonly number[], draw: (tensor: Tensor) => Tensor): Tensor {
  return scope(() => {
    const empty = ops.empty(shape, { dtype: 'float32' });
    return skipping ? empty : draw(empty);
  });
}

let skipping = false;

/** Whether {@link skipInit} is making layers. */
export function skipsInit(): boolean {
  return skipping;
}

/**
 * Makes layers without drawing their initial weights, which are whatever memory holds until they are loaded: PyTorch's
 * `torch.nn.utils.skip_init`. It saves the time, and leaves the default random generator as it is.
 */
export function skipInit<T>(make: () => T): T {
  const before = skipping;
  skipping = true;
  try {
    return make();
  } finally {
    skipping = before;
  }
}
