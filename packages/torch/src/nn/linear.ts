/**
 * Layers on vectors, with PyTorch's keys and initial values. Depends on Module and ops.
 */
import { noGrad } from '../autograd.js';
import * as ops from '../ops/index.js';
import type { RandomGenerator } from '../random.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { drawn, uniformOfFanIn } from './initial.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';

/** x Wᵀ + b on the last axis: (…, in) to (…, out). Keys `weight` (out, in) and `bias` (out). */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  /** @param options `generator`: source of the initial weights; libtorch's default one when left out. */
  constructor(
    inFeatures: number,
    outFeatures: number,
    options: { readonly bias?: boolean; readonly generator?: RandomGenerator | null } = {},
  ) {
    super();
    const { bias = true, generator = null } = options;
    this.weight = this.parameter('weight', uniformOfFanIn([outFeatures, inFeatures], inFeatures, generator));
    this.bias = bias ? this.parameter('bias', uniformOfFanIn([outFeatures], inFeatures, generator)) : null;
  }

  override forward(input: Tensor): Tensor {
    return ops.linear(input, this.weight.compute, this.bias?.compute ?? null);
  }
}

/** A vector for each whole number from 0 to `count` − 1: (…), int64 or int32, to (…, size). Key `weight` (count, size). */
export class Embedding extends Module {
  readonly weight: Parameter;
  readonly paddingIdx: number;

  /**
   * Weights are drawn from the standard normal distribution.
   * @param options `paddingIdx`: a number whose vector starts as zeros and gets no gradient.
   */
  constructor(
    count: number,
    size: number,
    options: { readonly paddingIdx?: number; readonly generator?: RandomGenerator | null } = {},
  ) {
    super();
    const { paddingIdx = -1, generator = null } = options;
    const weight = drawn([count, size], vectors => ops.normalInPlace(vectors, 0, 1, { generator }));
    if (paddingIdx >= 0) noGrad(() => scope(() => void ops.zeroInPlace(ops.select(weight, 0, paddingIdx))));
    this.weight = this.parameter('weight', weight);
    this.paddingIdx = paddingIdx;
  }

  override forward(input: Tensor): Tensor {
    return ops.embedding(this.weight.compute, input, this.paddingIdx);
  }
}

/** Joins the axes from `startDim` to `endDim`: (N, C, H, W) to (N, C H W). A view where that is possible. */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(input: Tensor): Tensor {
    return ops.flatten(input, this.startDim, this.endDim);
  }
}
