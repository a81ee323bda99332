/**
 * Options of the losses and their weights. Depends on zod, `option.ts` and the shared options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { flag, path } from '../shared-options.js';

/** Under "Losses" in the help. */
export const lossOptions = {
  ganMode: option(z.enum(['lsgan', 'vanilla', 'hinge']).default('lsgan'), {
    group: 'losses',
    help: 'Adversarial loss: least squares, sigmoid with cross-entropy, or hinge.',
    fixed: true,
  }),
  lambdaFeat: option(z.number().min(0).default(10), {
    group: 'losses',
    value: 'X',
    nvidia: 'lambda_feat',
    help: 'Weight of the feature-matching loss.',
  }),
  noGanFeatLoss: option(flag(), {
    group: 'losses',
    nvidia: 'no_ganFeat_loss',
    help: 'Do without the feature-matching loss.',
  }),
  vggLoss: option(z.boolean().nullable().default(null), {
    group: 'losses',
    whenNull: 'where the weights are at hand',
    help: 'The perceptual loss: images are compared as VGG19, a network trained on photographs, sees them. Its weights are fetched once (548 MB) when this is given; --no-vgg-loss does without.',
    fixed: true,
  }),
  vggWeights: option(path().nullable().default(null), {
    group: 'losses',
    value: 'FILE',
    whenNull: 'the usual places, then a download',
    help: "Weights of VGG19 as torchvision's .pth file.",
  }),
  lambdaVgg: option(z.number().min(0).default(10), {
    group: 'losses',
    value: 'X',
    help: 'Weight of the perceptual loss.',
  }),
  vggNormalise: option(flag(), {
    group: 'losses',
    aliases: ['vgg-normalize'],
    help: "Give VGG19 images with ImageNet's mean and deviation, as it was trained, in place of [-1, 1] as the public implementation does.",
    fixed: true,
  }),
  lambdaL1: option(z.number().min(0).default(0), {
    group: 'losses',
    value: 'X',
    flag: 'lambda-L1',
    help: 'Weight of the L1 distance between generated and real image. pix2pix uses 100.',
  }),
};
