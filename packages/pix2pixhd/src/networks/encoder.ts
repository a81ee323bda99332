/**
 * FeatureEncoder E: an image to a few feature channels, averaged over each instance (section 3.4). Depends on blocks and
 * torch's operator for instance-wise average pooling.
 */
import { nn, ops, type Tensor } from '@pix2pixhd/torch';
import { type NormKind, outputLayers } from './blocks.js';
import { globalTrunk } from './global-generator.js';

/** Shape of a {@link FeatureEncoder}. */
export interface FeatureEncoderOptions {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly nef: number;
  /** At least 1. */
  readonly downsamplings: number;
  readonly norm: NormKind;
}

/** (N, inputChannels, H, W) → (N, outputChannels, H, W) in [-1, 1]. Keys `model.N…`. */
export class FeatureEncoder extends nn.SegmentedModule {
  readonly #model: nn.Sequential;

  constructor({ inputChannels, outputChannels, nef, downsamplings, norm }: FeatureEncoderOptions) {
    super();
    const trunk = globalTrunk({ inputChannels, ngf: nef, downsamplings, blocks: 0, norm, upsample: 'transpose' });
    trunk.at(-1)!.push(...outputLayers(nef, outputChannels));
    this.#model = this.child('model', nn.Sequential.ofSegments(trunk));
  }

  /** The feature map before pooling. */
  override forwardBy(runner: nn.SegmentRunner, image: nn.SegmentInput): Tensor {
    return this.#model.forwardBy(runner, image);
  }

  /**
   * The feature map with every pixel replaced by the mean over its instance.
   * @param instances (N, 1, H, W) instance ids, any integer type.
   */
  encode(image: Tensor, instances: Tensor, runner: nn.SegmentRunner = nn.directRunner): Tensor {
    const features = this.forwardBy(runner, { tensor: image, lastUse: false });
    const pool = (given: nn.SegmentInput) => nn.consume(given, each => ops.poolByInstance(each, instances));
    return runner.run(pool, { tensor: features, lastUse: true });
  }
}
