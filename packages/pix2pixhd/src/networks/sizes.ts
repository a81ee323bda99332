/**
 * Which image sizes the networks take. Depends on the configuration's type and errors.ts only.
 */
import type { TrainConfig } from '../config/schema.js';
import { UserError } from '../errors.js';

/** The options that decide how much generator and encoder downsample an image. */
type GeneratorDepth = Pick<
  TrainConfig,
  'netG' | 'nDownsampleGlobal' | 'nLocalEnhancers' | 'nDownsampleUnet' | 'instanceFeat' | 'labelFeat' | 'nDownsampleE'
>;

/** Both sides of an image must be multiples of this, for the generator and for the encoder if there is one. */
export function sizeMultiple(config: GeneratorDepth): number {
  const generator =
    config.netG === 'unet'
      ? config.nDownsampleUnet
      : config.nDownsampleGlobal + (config.netG === 'local' ? config.nLocalEnhancers : 0);
  return 2 ** Math.max(generator, config.instanceFeat || config.labelFeat ? config.nDownsampleE : 0);
}

/**
 * The smallest side the generator takes. The paper's generators reflection-pad and normalise their deepest map: both need
 * two pixels. The U-Net's deepest map, with neither, may be a single pixel.
 */
export function leastSide(config: GeneratorDepth): number {
  return config.netG === 'unet' ? sizeMultiple(config) : 2 * sizeMultiple(config);
}

/**
 * The smallest side to train at: with the perceptual loss also VGG19's, which downsamples images four times. All are powers
 * of two, so that the largest is a multiple of the others.
 */
export function leastTrainingSide(config: GeneratorDepth & Pick<TrainConfig, 'vggLoss'>): number {
  return Math.max(leastSide(config), config.vggLoss === true ? 2 ** 4 : 1);
}

/**
 * Makes sure that the coarsest discriminator sees more than one pixel, which has no variance to normalise by.
 * @throws UserError saying how many discriminators images of this size allow.
 */
export function checkDiscriminators(numD: number, width: number, height: number): void {
  const longest = Math.max(width, height);
  // Downsampling rounds up: the n-th discriminator sees ceil(side / 2^(n−1)).
  const most = Math.ceil(Math.log2(longest));
  if (numD <= most) return;
  throw new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: 'choosing the discriminators',
    where: `--num-D ${numD}`,
    found: `images of ${width}×${height}, of which the coarsest discriminator would see a single pixel`,
    expected: `at most ${most} discriminators for this size`,
    remedy: `give --num-D ${most} or less, or train on larger images (--load-size, --fine-size)`,
  });
}
