/**
 * LocalEnhancer: a global generator at the coarsest level and any number of enhancers above it (section 3.2, figure 3).
 * Depends on blocks and the global generator.
 */
import { nn, ops, type Tensor } from '@pix2pixhd/torch';
import { conv7, downsample, halve, normRelu, ResidualBlock, toImage, upsample } from './blocks.js';
import { type GlobalGeneratorOptions, globalTrunk } from './global-generator.js';

/** Shape of a {@link LocalEnhancer}; `ngf` is the finest enhancer's, the global generator has ngf · 2^enhancers. */
export interface LocalEnhancerOptions extends GlobalGeneratorOptions {
  readonly enhancers: number;
  /** Residual blocks of each enhancer. */
  readonly localBlocks: number;
}

/** (N, inputChannels, H, W) → (N, outputChannels, H, W); sides multiples of 2^(downsamplings + enhancers). Keys `model.…`, `modelN_1.…`, `modelN_2.…`. */
export class LocalEnhancer extends nn.Module {
  readonly #global: nn.Sequential;
  readonly #fronts: nn.Sequential[] = [];
  readonly #backs: nn.Sequential[] = [];

  constructor(options: LocalEnhancerOptions) {
    super();
    const { inputChannels, outputChannels, ngf, enhancers, localBlocks, norm } = options;
    this.#global = this.child('model', new nn.Sequential(globalTrunk({ ...options, ngf: ngf * 2 ** enhancers })));
    for (let n = 1; n <= enhancers; n++) {
      const width = ngf * 2 ** (enhancers - n);
      const front = [...conv7(inputChannels, width), ...normRelu(norm, width), ...downsample(norm, width)];
      const back: nn.Module[] = [];
      for (let i = 0; i < localBlocks; i++) back.push(new ResidualBlock(norm, width * 2));
      back.push(...upsample(norm, options.upsample, width * 2));
      if (n === enhancers) back.push(...toImage(width, outputChannels));
      this.#fronts.push(this.child(`model${n}_1`, new nn.Sequential(front)));
      this.#backs.push(this.child(`model${n}_2`, new nn.Sequential(back)));
    }
  }

  /**
   * Freezes everything but the newest enhancer, for the stage in which that trains alone: weights get no gradients, and
   * batch norm keeps its statistics.
   */
  freezeCoarser(): void {
    for (const part of [this.#global, ...this.#fronts.slice(0, -1), ...this.#backs.slice(0, -1)])
      part.trainable(false).eval();
  }

  override forward(input: Tensor): Tensor {
    return this.#enhance(input, (front, level) => (level === input ? front.forward(level) : front.forwardOwned(level)));
  }

  override forwardOwned(input: Tensor): Tensor {
    return this.#enhance(input, (front, level) => front.forwardOwned(level));
  }

  /** Everything here is as large as the picture: a generator at 2048×1024 has no room for what nobody reads again. */
  #enhance(input: Tensor, read: (front: nn.Sequential, level: Tensor) => Tensor): Tensor {
    const pyramid = [input];
    for (let i = 0; i < this.#fronts.length; i++) pyramid.push(halve(pyramid[i]!));
    let features = read(this.#global, pyramid.pop()!);
    for (const [n, front] of this.#fronts.entries()) {
      const detail = read(front, pyramid.pop()!);
      const sum = ops.add(detail, features);
      detail.dispose();
      features.dispose();
      features = this.#backs[n]!.forwardOwned(sum);
    }
    return features;
  }
}
