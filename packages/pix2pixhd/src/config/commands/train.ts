/**
 * The command `train` as a user sees it: its options, purpose and examples. What it does is in `cli/train.ts`. Depends on the
 * options.
 */
import { trainSchema } from '../schema.js';
import type { CommandSpec } from './command.js';

/** `pix2pixhd train`. */
export const trainCommand = {
  name: 'train',
  summary: 'Train a generator and its discriminators on pairs of images.',
  usage: 'FOLDER --name NAME [options]',
  operand: { value: 'FOLDER', key: 'dataroot' },
  examples: [
    {
      explains: 'label maps, instance maps and photos in data/city/train_label, train_inst and train_img',
      command: 'pix2pixhd train --dataroot data/city --name city --load-size 512',
    },
    {
      explains: 'images to images, in data/maps/train_A and train_B, for one hour',
      command: 'pix2pixhd train --dataroot data/maps --name maps --label-nc 0 --no-instance --max-minutes 60',
    },
    {
      explains: 'coarse to fine: the global generator at 512, then a local enhancer for 1024',
      command: 'pix2pixhd train --dataroot data/city --name fine --stages 512,1024 --ngf 64',
    },
    {
      explains: 'CycleGAN: the images in data/horses/train_A and train_B need no partners',
      command: 'pix2pixhd train --dataroot data/horses --name horses --model cycle-gan',
    },
    { explains: 'continue where the run stopped', command: 'pix2pixhd train --name city --resume' },
  ],
  schema: trainSchema,
} as const satisfies CommandSpec;
