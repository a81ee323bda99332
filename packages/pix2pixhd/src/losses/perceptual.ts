/**
 * Perceptual loss: the distance between generated and real image in the feature maps of VGG19 (section 4; Johnson et al., 2016).
 * Depends on @pix2pixhd/torch only.
 */
import { noGrad, ops, scope, type Tensor } from '@pix2pixhd/torch';
import type { Vgg19 } from '../networks/vgg19.js';

/** Of relu1_1 to relu5_1: deeper layers count more. */
const layerWeights = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1] as const;

/** Mean and standard deviation of ImageNet's channels, for colours in [0, 1]: what torchvision's weights were trained on. */
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** How images are fed to VGG19. */
export interface PerceptualOptions {
  /** Normalise the channels as for ImageNet; otherwise images are passed in [-1, 1], as in the public implementation. */
  readonly imagenetNormalisation: boolean;
}

/** Whether the loss takes images of this many channels: 3, or 1, which is repeated as grey. */
export function hasPerceptualLoss(channels: number): boolean {
  return channels === 3 || channels === 1;
}

/**
 * Σ w_i · mean |VGG_i(fake) − VGG_i(real)| over relu1_1 to relu5_1, w = 1/32, 1/16, 1/8, 1/4, 1. Multiply by λ (10 in the
 * public implementation).
 * @param fake (N, C, H, W) in [-1, 1], C as {@link hasPerceptualLoss} accepts it, sides of at least 16.
 * @param real the same shape; a constant: no graph is built for it.
 * @returns a scalar, float64 where the weights are, else float32.
 * @throws RangeError where the images are of another shape.
 */
export function perceptualLoss(vgg: Vgg19, fake: Tensor, real: Tensor, options: PerceptualOptions): Tensor {
  return scope(() => {
    const featureMaps = (image: Tensor) => scope(() => vgg.featureMaps(toVggInput(image, options)));
    const targets = noGrad(() => featureMaps(real));
    const terms = featureMaps(fake).map((map, i) => ops.mul(ops.l1Mean(map, targets[i]!), layerWeights[i]!));
    return terms.reduce((sum, term) => ops.add(sum, term));
  });
}

/** Three channels, normalised if asked for. */
function toVggInput(image: Tensor, { imagenetNormalisation }: PerceptualOptions): Tensor {
  const [images, channels, height, width] = image.shape as [number, number, number, number];
  if (!hasPerceptualLoss(channels))
    throw new RangeError(`perceptual loss: VGG19 takes images of 1 or 3 channels, found ${channels}`);
  const colours = channels === 3 ? image : ops.expand(image, [images, 3, height, width]);
  if (!imagenetNormalisation) return colours;
  // ((x + 1) / 2 − mean) / std as one product and one sum, in float32 at least.
  const { mean, std } = imagenet;
  const exact = image.dtype === 'bfloat16' ? ops.toDtype(colours, 'float32') : colours;
  // Created on the device: a copy from the CPU would synchronise.
  const perChannel = (value: (channel: number) => number) =>
    ops.cat(
      [0, 1, 2].map(channel => ops.full([1, 1, 1, 1], value(channel), { dtype: exact.dtype, device: exact.device })),
      1,
    );
  const scale = perChannel(channel => 0.5 / std[channel]!);
  const shift = perChannel(channel => (0.5 - mean[channel]!) / std[channel]!);
  return ops.add(ops.mul(exact, scale), shift);
}
