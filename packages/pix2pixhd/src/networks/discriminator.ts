/** What training asks of a discriminator, whichever it is. Depends on @pix2pixhd/torch's types only. */
import type { nn, Tensor } from '@pix2pixhd/torch';

/** The outputs of one PatchGAN. */
export interface PatchOutputs {
  /** (N, C_i, H_i, W_i) after each layer but the last, first to last; empty where they are not kept. */
  readonly featureMaps: readonly Tensor[];
  /** (N, 1, H', W'): for every patch of the image, how real it looks. */
  readonly prediction: Tensor;
}

/** The outputs of all PatchGANs, finest scale first. */
export type Predictions = readonly PatchOutputs[];

/** One or more PatchGANs that look at the same images. */
export interface Discriminator extends nn.Module {
  /** @param input (N, C, H, W), the image, after its condition where there is one. */
  predict(input: Tensor): Predictions;
}
