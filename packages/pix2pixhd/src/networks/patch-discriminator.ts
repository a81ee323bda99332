/**
 * PatchDiscriminator: the PatchGAN of pix2pix and CycleGAN (Isola et al., 2017, section 3.2.2; Zhu et al., 2017, section 7.1). With
 * three layers every output sees 70×70 pixels. Keys as in the public PyTorch implementation. Depends on blocks.
 */
import { nn, type Tensor } from '@pix2pixhd/torch';
import { type NormKind, norm } from './blocks.js';
import type { Predictions } from './discriminator.js';

/** Shape of a {@link PatchDiscriminator}. */
export interface PatchDiscriminatorOptions {
  /** Condition, where there is one, and image channels together. */
  readonly inputChannels: number;
  readonly ndf: number;
  /** Convolutions of stride 2, from 1. */
  readonly layers: number;
  readonly norm: NormKind;
}

/**
 * (N, inputChannels, H, W) → (N, 1, H / 2^layers − 2, W / 2^layers − 2). Keys `model.N…`. Unlike pix2pixHD's it pads by 1, and has no bias before batch
 * norm; its feature maps are not kept.
 */
export class PatchDiscriminator extends nn.Module {
  readonly #model: nn.Sequential;

  constructor({ inputChannels, ndf, layers, norm: kind }: PatchDiscriminatorOptions) {
    super();
    const conv = (from: number, to: number, stride: number, bias = true) =>
      new nn.Conv2d(from, to, 4, { stride, padding: 1, bias });
    const body: nn.Module[] = [conv(inputChannels, ndf, 2), new nn.LeakyReLU(0.2)];
    const width = (n: number) => ndf * Math.min(2 ** n, 8);
    for (let n = 1; n <= layers; n++)
      body.push(
        conv(width(n - 1), width(n), n < layers ? 2 : 1, kind === 'instance'),
        norm(kind, width(n)),
        new nn.LeakyReLU(0.2),
      );
    body.push(conv(width(layers), 1, 1));
    this.#model = this.child('model', new nn.Sequential(body));
  }

  override forward(input: Tensor): Tensor {
    return this.#model.forward(input);
  }

  predict(input: Tensor): Predictions {
    return [{ featureMaps: [], prediction: this.forward(input) }];
  }
}
