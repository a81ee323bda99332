/**
 * Norm layers with PyTorch's keys. Depends on Module and ops.
 */

import { noGrad } from '../autograd.js';
import { TorchError } from '../errors.js';
import { tensor } from '../from-values.js';
import * as ops from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { isRecomputing } from './gradient-checkpointing.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';

/** Instance norm without affine parameters or running statistics (PyTorch's default): no keys. */
export class InstanceNorm2d extends Module {
  readonly eps: number;

  constructor(eps = 1e-5) {
    super();
    this.eps = eps;
  }

  override forward(input: Tensor): Tensor {
    return ops.instanceNormActivation(input, null, 1, this.eps);
  }

  /** Norm and leaky ReLU in one pass. */
  forwardActivated(input: Tensor, slope: number): Tensor {
    return ops.instanceNormActivation(input, null, slope, this.eps);
  }

  override forwardOwned(input: Tensor): Tensor {
    return this.forwardActivatedOwned(input, 1);
  }

  /** {@link forwardActivated} of an input that is taken over. */
  forwardActivatedOwned(input: Tensor, slope: number): Tensor {
    return ops.instanceNormActivationOwned(input, null, slope, this.eps);
  }

  /** Norm plus `residual` in one pass; the input is taken over. */
  forwardResidual(input: Tensor, residual: Tensor): Tensor {
    return ops.instanceNormActivationOwned(input, residual, 1, this.eps);
  }
}

/** Batch norm; keys `weight`, `bias`, `running_mean`, `running_var`, `num_batches_tracked`. */
export class BatchNorm2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly eps: number;
  readonly momentum: number;
  /** Whether training moves the running statistics. Without, it only normalises by those of the batch. */
  tracksStatistics = true;

  constructor(channels: number, eps = 1e-5, momentum = 0.1) {
    super();
    this.weight = this.parameter('weight', ops.ones([channels]), { staysFloat32: true });
    this.bias = this.parameter('bias', ops.zeros([channels]), { staysFloat32: true });
    this.buffer('running_mean', ops.zeros([channels]));
    this.buffer('running_var', ops.ones([channels]));
    this.buffer('num_batches_tracked', tensor([0], [], { dtype: 'int64' }));
    this.eps = eps;
    this.momentum = momentum;
  }

  /** @throws TorchError in training where a channel has a single value, which has no variance. */
  override forward(input: Tensor): Tensor {
    const [images, , height, width] = input.shape as [number, number, number, number];
    if (this.training && images * height * width === 1)
      throw new TorchError(
        'INVALID_ARGUMENT',
        `BatchNorm2d: one value per channel has no variance to train on, found [${input.shape}]`,
      );
    // The statistics of a batch count once, however often it is run.
    const tracking = !this.training || (this.tracksStatistics && !isRecomputing());
    if (this.training && tracking) noGrad(() => ops.addInPlace(this.getBuffer('num_batches_tracked'), 1).dispose());
    return ops.batchNorm(
      input,
      this.weight.compute,
      this.bias.compute,
      tracking ? this.getBuffer('running_mean') : null,
      tracking ? this.getBuffer('running_var') : null,
      this.training,
      this.momentum,
      this.eps,
      false,
    );
  }
}

/** Settings of {@link LayerNorm} and {@link GroupNorm}; PyTorch's defaults. */
export interface NormOptions {
  readonly eps?: number;
  /** Whether there are `weight` and `bias`; yes when left out. */
  readonly affine?: boolean;
}

/** Norm over the last axes (Ba et al., 2016), those of `shape`; keys `weight` and `bias` of that shape. */
export class LayerNorm extends Module {
  readonly shape: readonly number[];
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;

  constructor(shape: number | readonly number[], { eps = 1e-5, affine = true }: NormOptions = {}) {
    super();
    this.shape = typeof shape === 'number' ? [shape] : shape;
    this.weight = affine ? this.parameter('weight', ops.ones(this.shape)) : null;
    this.bias = affine ? this.parameter('bias', ops.zeros(this.shape)) : null;
    this.eps = eps;
  }

  override forward(input: Tensor): Tensor {
    return ops.layerNorm(input, this.shape, this.weight?.compute ?? null, this.bias?.compute ?? null, this.eps);
  }
}

/** Norm over groups of channels and all pixels (Wu and He, 2018); keys `weight` and `bias` (C). */
export class GroupNorm extends Module {
  readonly groups: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;

  /** @throws TorchError where the channels cannot be divided into the groups. */
  constructor(groups: number, channels: number, { eps = 1e-5, affine = true }: NormOptions = {}) {
    super();
    if (!(groups >= 1 && channels % groups === 0))
      throw new TorchError(
        'INVALID_ARGUMENT',
        `GroupNorm: ${channels} channels cannot be divided into ${groups} groups`,
      );
    this.groups = groups;
    this.weight = affine ? this.parameter('weight', ops.ones([channels])) : null;
    this.bias = affine ? this.parameter('bias', ops.zeros([channels])) : null;
    this.eps = eps;
  }

  override forward(input: Tensor): Tensor {
    return ops.groupNorm(input, this.groups, this.weight?.compute ?? null, this.bias?.compute ?? null, this.eps);
  }
}
