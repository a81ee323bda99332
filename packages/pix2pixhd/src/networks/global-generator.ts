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
  readonly downsamplings: number;
  readonly blocks: number;
  readonly norm: NormKind;
  readonly upsample: UpsampleKind;
}

/** All layers up to the last ReLU: what a local enhancer builds on. Output: `ngf` channels at the input's size. */
export function globalTrunk(options: GlobalGeneratorOptions): nn.Module[] {
  const { inputChannels, ngf, downsamplings, blocks, norm } = options;
  const layers = [...conv7(inputChannels, ngf), ...normRelu(norm, ngf)];
  for (let i = 0; i < downsamplings; i++) layers.push(...downsample(norm, ngf * 2 ** i));
  for (let i = 0; i < blocks; i++) layers.push(new ResidualBlock(norm, ngf * 2 ** downsamplings));
  for (let i = downsamplings; i > 0; i--) layers.push(...upsample(norm, options.upsample, ngf * 2 ** i));
  return layers;
}

/** (N, inputChannels, H, W) → (N, outputChannels, H, W) in [-1, 1]; H and W multiples of 2^downsamplings. Keys `model.N…`. */
export class GlobalGenerator extends nn.Module {
  readonly #model: nn.Sequential;

  constructor(options: GlobalGeneratorOptions) {
    super();
    const layers = [...globalTrunk(options), ...toImage(options.ngf, options.outputChannels)];
    this.#model = this.child('model', new nn.Sequential(layers));
  }

  override forward(input: Tensor): Tensor {
    return this.#model.forward(input);
  }

  override forwardOwned(input: Tensor): Tensor {
    return this.#model.forwardOwned(input);
  }
}
