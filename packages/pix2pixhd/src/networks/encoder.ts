/**
 * FeatureEncoder E: an image to a few feature channels, averaged over each instance (section 3.4). Depends on blocks and
 * the instance-wise average pooling.
 */
import { nn, type Tensor } from '@pix2pixhd/torch';
import { poolByInstance } from '../features/instance-pooling.js';
import { conv7, downsample, type NormKind, normRelu, toImage, upsample } from './blocks.js';

/** Shape of a {@link FeatureEncoder}. */
export interface FeatureEncoderOptions {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly nef: number;
  readonly downsamplings: number;
  readonly norm: NormKind;
}

/** (N, inputChannels, H, W) → (N, outputChannels, H, W) in [-1, 1]. Keys `model.N…`. */
export class FeatureEncoder extends nn.Module {
  readonly #model: nn.Sequential;

  constructor({ inputChannels, outputChannels, nef, downsamplings, norm }: FeatureEncoderOptions) {
    super();
    const layers = [...conv7(inputChannels, nef), ...normRelu(norm, nef)];
    for (let i = 0; i < downsamplings; i++) layers.push(...downsample(norm, nef * 2 ** i));
    for (let i = downsamplings; i > 0; i--) layers.push(...upsample(norm, 'transpose', nef * 2 ** i));
    layers.push(...toImage(nef, outputChannels));
    this.#model = this.child('model', new nn.Sequential(layers));
  }

  /** The feature map before pooling. */
  override forward(image: Tensor): Tensor {
    return this.#model.forward(image);
  }

  /**
   * The feature map with every pixel replaced by the mean over its instance.
   * @param instances (N, 1, H, W) instance ids, any integer type.
   */
  encode(image: Tensor, instances: Tensor): Tensor {
    return poolByInstance(this.forward(image), instances);
  }
}
