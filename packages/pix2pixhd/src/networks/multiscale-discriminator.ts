/**
 * MultiscaleDiscriminator: PatchGANs of one shape on an image pyramid (section 3.2). Depends on blocks.
 */
import { nn, type Tensor } from '@pix2pixhd/torch';
import { downsampleImage, type NormKind, norm } from './blocks.js';
import type { PatchOutputs, Predictions } from './discriminator.js';

/** Shape of a {@link MultiscaleDiscriminator}. */
export interface MultiscaleDiscriminatorOptions {
  /** Condition and image channels together. */
  readonly inputChannels: number;
  readonly ndf: number;
  /** Convolutions of stride 2. */
  readonly layers: number;
  readonly scales: number;
  readonly norm: NormKind;
  /** Return every layer's feature maps, for feature matching. Keys are `scaleI_layerJ.K` then, else `layerI.K`. */
  readonly features: boolean;
  /** End in a sigmoid, as the public implementation does for the vanilla loss. */
  readonly sigmoid: boolean;
}

/** The layers of one PatchGAN, grouped by the feature map they end in. */
function patchLayers(options: MultiscaleDiscriminatorOptions): nn.Module[][] {
  const { inputChannels, ndf, layers } = options;
  const conv = (from: number, to: number, stride: number) => new nn.Conv2d(from, to, 4, { stride, padding: 2 });
  const groups: nn.Module[][] = [[conv(inputChannels, ndf, 2), new nn.LeakyReLU(0.2)]];
  let channels = ndf;
  for (let n = 1; n <= layers; n++) {
    const next = Math.min(channels * 2, 512);
    groups.push([conv(channels, next, n < layers ? 2 : 1), norm(options.norm, next), new nn.LeakyReLU(0.2)]);
    channels = next;
  }
  groups.push([conv(channels, 1, 1)]);
  if (options.sigmoid) groups.push([new nn.Sigmoid()]);
  return groups;
}

/**
 * PatchGANs of one architecture on the image and on its 2×, 4×, … downsampled versions (D1, D2, D3 of the paper). As in the
 * public implementation's `netD` keys count from the coarsest scale: `scale0…` sees the smallest image, `scale{scales − 1}…`
 * the image itself.
 */
export class MultiscaleDiscriminator extends nn.Module {
  readonly #patches: nn.Sequential[][] = [];

  constructor(options: MultiscaleDiscriminatorOptions) {
    super();
    for (let i = 0; i < options.scales; i++) {
      const groups = patchLayers(options);
      this.#patches.push(
        options.features
          ? groups.map((layers, j) => this.child(`scale${i}_layer${j}`, new nn.Sequential(layers)))
          : [this.child(`layer${i}`, new nn.Sequential(groups.flat()))],
      );
    }
  }

  /** @param input (N, C, H, W), condition and image. */
  predict(input: Tensor): Predictions {
    const predictions: PatchOutputs[] = [];
    let level = input;
    for (let i = this.#patches.length - 1; i >= 0; i--) {
      const outputs: Tensor[] = [];
      for (const layer of this.#patches[i]!) outputs.push(layer.forward(outputs.at(-1) ?? level));
      predictions.push({ featureMaps: outputs.slice(0, -1), prediction: outputs.at(-1)! });
      if (i > 0) level = downsampleImage(level);
    }
    return predictions;
  }

  /** The finest scale's prediction map. */
  override forward(input: Tensor): Tensor {
    return this.predict(input)[0]!.prediction;
  }
}
