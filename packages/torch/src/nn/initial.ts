/**
 * PyTorch's default initial values. Depends on ops and scope.
 */
import * as ops from '../ops/index.js';
import type { RandomGenerator } from '../random.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';

/** Uniform in ±1/sqrt(fan in): PyTorch's default for weights and biases of convolutions and linear layers. */
export function uniformOfFanIn(shape: readonly number[], fanIn: number, generator: RandomGenerator | null): Tensor {
  const bound = 1 / Math.sqrt(fanIn);
  return scope(() => ops.uniformInPlace(ops.empty(shape, { dtype: 'float32' }), -bound, bound, { generator }));
}
