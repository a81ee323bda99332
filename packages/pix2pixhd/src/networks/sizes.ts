/**
 * Which sizes of images the networks take. Depends on the configuration's type and errors.ts only.
 */
import type { TrainConfig } from '../config/schema.js';
import { UserError } from '../errors.js';

/** The options that decide by how much generator and encoder shrink an image. */
type GeneratorDepth = Pick<
  TrainConfig,
  'netG' | 'nDownsampleGlobal' | 'nLocalEnhancers' | 'nDownsampleUnet' | 'instanceFeat' | 'labelFeat' | 'nDownsampleE'
>;

/** Width and height that the generator, and the encoder where there is one, take are multiples of this. */
export function sizeMultiple(config: GeneratorDepth): number {
  const generator =
    config.netG === 'unet'
      ? config.nDownsampleUnet
      : config.nDownsampleGlobal + (config.netG === 'local' ? config.nLocalEnhancers : 0);
  return 2 ** Math.max(generator, config.instanceFeat || config.labelFeat ? config.nDownsampleE : 0);
}

/**
 * The least width and height the generator takes. The paper's generators pad their deepest feature map by reflection and
 * normalise it: both need two pixels. The U-Net does neither there, and one is enough.
 */
export function leastSide(config: GeneratorDepth): number {
  return config.netG === 'unet' ? sizeMultiple(config) : 2 * sizeMultiple(config);
}

/**
 * The least side to train at: with the perceptual loss also that of VGG19, which halves images four times. All are powers
 * of two, so that the greatest is a multiple of the others.
 */
export function leastTrainingSide(config: GeneratorDepth & Pick<TrainConfig, 'vggLoss'>): number {
  return Math.max(leastSide(config), config.vggLoss === true ? 2 ** 4 : 1);
}

/**
 * Checks that the coarsest discriminator sees more than one pixel: instance norm needs a variance. That of the baselines, which pads
 * less, needs something left after its halvings.
 * @throws UserError saying how many discriminators, or how many halvings, images of this size allow.
 */
export function checkDiscriminators(
  { model, numD, nLayersD }: Pick<TrainConfig, 'model' | 'numD' | 'nLayersD'>,
  width: number,
  height: number,
): void {
  if (model !== 'pix2pixHD') {
    checkHalvings(nLayersD, width, height);
    return;
  }
  const longest = Math.max(width, height);
  // Halving rounds up: the n-th discriminator sees ceil(side / 2^(n−1)).
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

function checkHalvings(nLayersD: number, width: number, height: number): void {
  const least = 3 * 2 ** nLayersD;
  if (Math.min(width, height) >= least) return;
  throw new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: 'choosing the discriminator',
    where: `--n-layers-D ${nLayersD}`,
    found: `images of ${width}×${height}, of which it would leave nothing`,
    expected: `at least ${least}×${least}`,
    remedy: 'train on larger images (--load-size, --fine-size), or give a smaller --n-layers-D',
  });
}
