/**
 * LocalEnhancer: a global generator at the coarsest level and any number of enhancers above it (section 3.2, figure 3).
 * Depends on blocks and the global generator.
 */
import { nn, type Tensor } from '@pix2pixhd/torch';
import {
  added,
  downsample,
  downsampleImage,
  inputLayers,
  outputLayers,
  ResidualBlock,
  SkippedOutput,
  upsample,
} from './blocks.js';
import { type GlobalGeneratorOptions, globalTrunk, runSkippedTrunk } from './global-generator.js';

/** Shape of a {@link LocalEnhancer}; `ngf` is the finest enhancer's, the global generator has ngf · 2^enhancers. */
export interface LocalEnhancerOptions extends GlobalGeneratorOptions {
  readonly enhancers: number;
  /** Residual blocks of each enhancer. */
  readonly localBlocks: number;
}

/**
 * (N, inputChannels, H, W) → (N, outputChannels, H, W); sides multiples of 2^(downsamplings + enhancers). Keys `model.…`,
 * `modelN_1.…`, `modelN_2.…`; with skips, the last convolution's are `output.…`.
 */
export class LocalEnhancer extends nn.SegmentedModule {
  readonly #options: LocalEnhancerOptions;
  readonly #global: nn.Sequential;
  readonly #fronts: nn.Sequential[] = [];
  readonly #backs: nn.Sequential[] = [];
  readonly #output: SkippedOutput | null;

  constructor(options: LocalEnhancerOptions) {
    super();
    const { inputChannels, outputChannels, ngf, enhancers, localBlocks, norm, skips = 'none' } = options;
    this.#options = options;
    this.#global = this.child(
      'model',
      nn.Sequential.ofSegments(globalTrunk({ ...options, ngf: ngf * 2 ** enhancers })),
    );
    for (let n = 1; n <= enhancers; n++) {
      const width = ngf * 2 ** (enhancers - n);
      const [first, halving] = [inputLayers(norm, inputChannels, width), downsample(norm, width)];
      const front = skips === 'all' ? [first, halving] : [[...first, ...halving]];
      const back: nn.Module[][] = [];
      for (let i = 0; i < localBlocks; i++) back.push([new ResidualBlock(norm, width * 2)]);
      back.push(upsample(norm, options.upsample, width * 2));
      if (n === enhancers && skips === 'none') back.at(-1)!.push(...outputLayers(width, outputChannels));
      this.#fronts.push(this.child(`model${n}_1`, nn.Sequential.ofSegments(front)));
      this.#backs.push(this.child(`model${n}_2`, nn.Sequential.ofSegments(back)));
    }
    this.#output =
      skips === 'none' ? null : this.child('output', new SkippedOutput(ngf, inputChannels, outputChannels));
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
    const { skips, downsamplings } = this.#options;
    // With skips the last convolution is the last to read the condition.
    const pyramid = [this.#output === null ? input : { tensor: input.tensor, lastUse: false }];
    for (let i = 0; i < this.#fronts.length; i++) {
      const { tensor } = pyramid[i]!;
      pyramid.push({
        tensor: runner.run(level => downsampleImage(level.tensor), { tensor, lastUse: false }),
        lastUse: true,
      });
    }
    const coarsest = pyramid.pop()!;
    let features =
      skips === 'all'
        ? runSkippedTrunk(this.#global, downsamplings, runner, coarsest)
        : this.#global.forwardBy(runner, coarsest);
    for (const [n, front] of this.#fronts.entries()) {
      const segments = [...front.segments];
      const halving = segments.pop()!;
      let given = pyramid.pop()!;
      const levels: nn.SegmentInput[] = [];
      for (const segment of segments) {
        const tensor = runner.run(segment, given);
        levels.push({ tensor, lastUse: true });
        given = { tensor, lastUse: false };
      }
      const sum = runner.run(added(halving), given, { tensor: features, lastUse: true });
      features = this.#runBack(this.#backs[n]!, runner, { tensor: sum, lastUse: true }, levels);
    }
    if (this.#output === null) return features;
    return runner.run(this.#output.segment, { tensor: features, lastUse: true }, input);
  }

  /** An enhancer's blocks and doubling, to which the level of its size is added where there is one. */
  #runBack(
    back: nn.Sequential,
    runner: nn.SegmentRunner,
    input: nn.SegmentInput,
    levels: readonly nn.SegmentInput[],
  ): Tensor {
    const segments = [...back.segments];
    const doubling = segments.pop()!;
    let given = input;
    for (const segment of segments) given = { tensor: runner.run(segment, given), lastUse: true };
    return levels.length === 0 ? runner.run(doubling, given) : runner.run(added(doubling), given, ...levels);
  }
}
