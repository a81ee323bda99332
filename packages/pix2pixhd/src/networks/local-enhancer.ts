/**
 * LocalEnhancer: a global generator at the coarsest level and any number of enhancers above it (section 3.2, figure 3).
 * Depends on blocks and the global generator.
 */
import { nn, ops, type Tensor } from '@pix2pixhd/torch';
import { downsample, downsampleImage, inputLayers, outputLayers, ResidualBlock, upsample } from './blocks.js';
import { type GlobalGeneratorOptions, globalTrunk } from './global-generator.js';

/** Shape of a {@link LocalEnhancer}; `ngf` is the finest enhancer's, the global generator has ngf · 2^enhancers. */
export interface LocalEnhancerOptions extends GlobalGeneratorOptions {
  readonly enhancers: number;
  /** Residual blocks of each enhancer. */
  readonly localBlocks: number;
}

/** (N, inputChannels, H, W) → (N, outputChannels, H, W); sides multiples of 2^(downsamplings + enhancers). Keys `model.…`, `modelN_1.…`, `modelN_2.…`. */
export class LocalEnhancer extends nn.SegmentedModule {
  readonly #global: nn.Sequential;
  readonly #fronts: nn.Sequential[] = [];
  readonly #backs: nn.Sequential[] = [];

  constructor(options: LocalEnhancerOptions) {
    super();
    const { inputChannels, outputChannels, ngf, enhancers, localBlocks, norm } = options;
    this.#global = this.child(
      'model',
      nn.Sequential.ofSegments(globalTrunk({ ...options, ngf: ngf * 2 ** enhancers })),
    );
    for (let n = 1; n <= enhancers; n++) {
      const width = ngf * 2 ** (enhancers - n);
      const front = [...inputLayers(norm, inputChannels, width), ...downsample(norm, width)];
      const back: nn.Module[][] = [];
      for (let i = 0; i < localBlocks; i++) back.push([new ResidualBlock(norm, width * 2)]);
      back.push(upsample(norm, options.upsample, width * 2));
      if (n === enhancers) back.at(-1)!.push(...outputLayers(width, outputChannels));
      this.#fronts.push(this.child(`model${n}_1`, new nn.Sequential(front)));
      this.#backs.push(this.child(`model${n}_2`, nn.Sequential.ofSegments(back)));
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

  /** Everything here is as large as the image, so that each tensor is handed on or freed as soon as it was read for the last time. */
  override forwardBy(runner: nn.SegmentRunner, input: nn.SegmentInput): Tensor {
    const pyramid = [input];
    for (let i = 0; i < this.#fronts.length; i++) {
      const { tensor } = pyramid[i]!;
      pyramid.push({
        tensor: runner.run(level => downsampleImage(level.tensor), { tensor, lastUse: false }),
        lastUse: true,
      });
    }
    let features = this.#global.forwardBy(runner, pyramid.pop()!);
    for (const [n, front] of this.#fronts.entries()) {
      const sum = runner.run(
        (level, below) => {
          const detail = level.lastUse ? front.forwardOwned(level.tensor) : front.forward(level.tensor);
          const both = nn.consume(below, coarser => ops.add(detail, coarser));
          detail.dispose();
          return both;
        },
        pyramid.pop()!,
        { tensor: features, lastUse: true },
      );
      features = this.#backs[n]!.forwardBy(runner, { tensor: sum, lastUse: true });
    }
    return features;
  }
}
