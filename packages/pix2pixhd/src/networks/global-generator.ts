/**
 * GlobalGenerator, G1 of the paper (section 3.2, after Johnson et al., 2016). Depends on blocks.
 */
import { nn, type Tensor } from '@pix2pixhd/torch';
import {
  downsample,
  inputLayers,
  type NormKind,
  outputLayers,
  ResidualBlock,
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
 * All layers up to the last ReLU, whose output a local enhancer adds to its own. Output: `ngf` channels at the input's size.
 * @returns layers in segments for gradient checkpointing, cut below the full resolution, where the outputs are smallest.
 */
export function globalTrunk(options: Omit<GlobalGeneratorOptions, 'outputChannels'>): nn.Module[][] {
  const { inputChannels, ngf, downsamplings, blocks, norm } = options;
  const segments: nn.Module[][] = [];
  for (let i = 0; i < downsamplings; i++) segments.push(downsample(norm, ngf * 2 ** i));
  segments[0]!.unshift(...inputLayers(norm, inputChannels, ngf));
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
    segments.at(-1)!.push(...outputLayers(options.ngf, options.outputChannels));
    this.#model = this.child('model', nn.Sequential.ofSegments(segments));
  }

  override forwardBy(runner: nn.SegmentRunner, input: nn.SegmentInput): Tensor {
    return this.#model.forwardBy(runner, input);
  }
}
