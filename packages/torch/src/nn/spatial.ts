/**
 * Layers that change the sizes of images: padding, pooling, upsampling. Depends on Module and ops.
 */
import * as ops from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';

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

/** How a window moves over an image. */
export interface PoolOptions {
  /** Pixels from one window to the next; the window's own size when left out. */
  readonly stride?: number;
  /** Pixels on all sides, at most half the window. */
  readonly padding?: number;
}

/** A layer that looks at square windows. */
abstract class Pool2d extends Module {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;

  constructor(kernel: number, { stride = kernel, padding = 0 }: PoolOptions = {}) {
    super();
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }
}

/** The greatest value of each square window; (N, C, H, W) to (N, C, H', W'). */
export class MaxPool2d extends Pool2d {
  override forward(input: Tensor): Tensor {
    return ops.maxPool2d(input, this.kernel, this.stride, this.padding);
  }
}

/** The mean of each square window, padding counted as zeros; (N, C, H, W) to (N, C, H', W'). */
export class AvgPool2d extends Pool2d {
  override forward(input: Tensor): Tensor {
    return ops.avgPool2d(input, this.kernel, this.stride, this.padding);
  }
}

/** Means of windows as large as it takes for an output of `size` by `size`; (N, C, H, W) to (N, C, size, size). */
export class AdaptiveAvgPool2d extends Module {
  readonly size: number;

  constructor(size: number) {
    super();
    this.size = size;
  }

  override forward(input: Tensor): Tensor {
    return ops.adaptiveAvgPool2d(input, this.size);
  }
}
