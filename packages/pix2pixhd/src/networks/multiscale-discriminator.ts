/**
 * MultiscaleDiscriminator: PatchGANs of one shape on an image pyramid (section 3.2). Depends on blocks.
 */
import { nn, type Tensor } from '@pix2pixhd/torch';
import { halve, type NormKind, norm } from './blocks.js';

/** Shape of a {@link MultiscaleDiscriminator}. */
export interface MultiscaleDiscriminatorOptions {
  /** Condition and image channels together. */
  readonly inputChannels: number;
  readonly ndf: number;
  /** Convolutions of stride 2. */
  readonly layers: number;
  readonly scales: number;
  readonly norm: NormKind;
  /** Return every layer's output, for feature matching; keys are `scaleI_layerJ.K` then, else `layerI.K`. */
  readonly features: boolean;
  /** End in a sigmoid, as checkpoints of the vanilla loss in the public implementation do. */
  readonly sigmoid: boolean;
}

/** The layers of one PatchGAN, grouped as the features are. */
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

/** What a discriminator says: for each scale, finest first, the layers' outputs; the last one is the prediction map. */
export type Predictions = Tensor[][];

/** PatchGANs on the input and on its 2×, 4×, … average-pooled versions; the key index `scales − 1` is the finest. */
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

  /** (N, C, H, W) → every scale's layer outputs. */
  predict(input: Tensor): Predictions {
    const predictions: Predictions = [];
    let level = input;
    for (let i = this.#patches.length - 1; i >= 0; i--) {
      const outputs: Tensor[] = [];
      for (const layer of this.#patches[i]!) outputs.push(layer.forward(outputs.at(-1) ?? level));
      predictions.push(outputs);
      if (i > 0) level = halve(level);
    }
    return predictions;
  }

  /** The finest scale's prediction map. */
  override forward(input: Tensor): Tensor {
    return this.predict(input)[0]!.at(-1)!;
  }
}
