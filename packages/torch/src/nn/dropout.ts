/**
 * Dropout. Depends on Module, gradient checkpointing's state and ops.
 */
import { TorchError } from '../errors.js';
import * as ops from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { isRecomputing } from './gradient-checkpointing.js';
import { Module } from './module.js';

/**
 * In training, zeroes elements with `probability` and scales the rest up; drawn from the default generator. Not for a
 * {@link GradientCheckpointing}: its second run would draw other numbers.
 */
export class Dropout extends Module {
  readonly probability: number;

  constructor(probability = 0.5) {
    super();
    this.probability = probability;
  }

  /** @throws TorchError in the second run of a checkpointed segment. */
  override forward(input: Tensor): Tensor {
    if (this.training && isRecomputing())
      throw new TorchError('INVALID_ARGUMENT', 'Dropout: a checkpointed segment would draw other zeroes');
    return ops.dropout(input, this.probability, this.training);
  }
}
