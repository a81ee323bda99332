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
    help: 'Adversarial loss: lsgan is least squares, vanilla is sigmoid cross-entropy, hinge is the hinge loss.',
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
    help: 'Disable the feature-matching loss.',
  }),
  vggLoss: option(z.boolean().nullable().default(null), {
    group: 'losses',
    whenNull: 'if its weights are present',
    help: 'Perceptual loss: compare images by the features that VGG19, trained on photographs, extracts from them. Giving this downloads the weights once (548 MB); --no-vgg-loss disables it.',
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
    help: "Normalise images with ImageNet's mean and standard deviation for VGG19, as it was trained, instead of giving it [-1, 1] as the public implementation does.",
    fixed: true,
  }),
  lambdaL1: option(z.number().min(0).default(0), {
    group: 'losses',
    value: 'X',
    flag: 'lambda-L1',
    help: 'Weight of the L1 distance between the generated and the real image. pix2pix uses 100.',
  }),
  lambdaA: option(z.number().min(0).default(10), {
    group: 'losses',
    value: 'X',
    flag: 'lambda-A',
    help: 'Weight of the cycle loss A to B to A. Only with --model cycle-gan.',
  }),
  lambdaB: option(z.number().min(0).default(10), {
    group: 'losses',
    value: 'X',
    flag: 'lambda-B',
    help: 'Weight of the cycle loss B to A to B. Only with --model cycle-gan.',
  }),
  lambdaIdentity: option(z.number().min(0).default(0.5), {
    group: 'losses',
    value: 'X',
    help: 'Weight of the identity loss, times that of the cycle: what is in a domain already should stay as it is. 0: none. Only with --model cycle-gan.',
  }),
};
