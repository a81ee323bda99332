/**
 * GlobalGenerator, G1 of the paper (section 3.2, after Johnson et al.). Depends on blocks.
 */
import { nn, type Tensor } from '@pix2pixhd/torch';
import {
  conv7,
  downsample,
  type NormKind,
  normRelu,
  ResidualBlock,
  toImage,
  type UpsampleKind,
  upsample,
} from './blocks.js';

/** Shape of a {@link GlobalGenerator}. */
export interface GlobalGeneratorOptions {
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Channels after the first convolution. */
  readonly ngf: number;
  /** At least 1. */
  readonly downsamplings: number;
  readonly blocks: number;
  readonly norm: NormKind;
  readonly upsample: UpsampleKind;
}

/**
 * All layers up to the last ReLU: what a local enhancer builds on. Output: `ngf` channels at the input's size.
 * @returns layers in segments that meet below the full resolution, where there is least between them to keep.
 */
export function globalTrunk(options: Omit<GlobalGeneratorOptions, 'outputChannels'>): nn.Module[][] {
  const { inputChannels, ngf, downsamplings, blocks, norm } = options;
  const segments: nn.Module[][] = [];
  for (let i = 0; i < downsamplings; i++) segments.push(downsample(norm, ngf * 2 ** i));
  segments[0]!.unshift(...conv7(inputChannels, ngf), ...normRelu(norm, ngf));
  for (let i = 0; i < blocks; i++) segments.push([new ResidualBlock(norm, ngf * 2 ** downsamplings)]);
  for (let i = downsamplings; i > 0; i--) segments.push(upsample(norm, options.upsample, ngf * 2 ** i));
  return segments;
}

/** (N, inputChannels, H, W) → (N, outputChannels, H, W) in [-1, 1]; H and W multiples of 2^downsamplings. Keys `model.N…`. */
export class GlobalGenerator extends nn.SegmentedModule {
  readonly #model: nn.Sequential;

  constructor(options: GlobalGeneratorOptions) {
    super();
    const segments = globalTrunk(options);
    segments.at(-1)!.push(...toImage(options.ngf, options.outputChannels));
    this.#model = this.child('model', nn.Sequential.ofSegments(segments));
  }

  override forwardBy(runner: nn.SegmentRunner, input: nn.SegmentInput): Tensor {
    return this.#model.forwardBy(runner, input);
  }
}
