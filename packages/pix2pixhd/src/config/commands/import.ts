/**
 * The command `import` as a user sees it: its options, purpose and examples. What it does is in `cli/import.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option, selectOptions } from '../option.js';
import { trainSchema } from '../schema.js';
import { checkpointsDir, path, runName } from '../shared-options.js';
import type { CommandSpec } from './command.js';

/**
 * What a run of official weights is given: everything that a run cannot change later, except how it would have started and
 * networks that no public code has; and `noGanFeatLoss`, which decides the keys of its discriminator when exported.
 */
const importedOptions = selectOptions(
  trainSchema,
  ({ key, group, fixed, network, nvidia }) =>
    (fixed && group !== 'run' && (network === undefined || nvidia !== undefined)) ||
    [
      'seed',
      'noGanFeatLoss',
      'nDownsampleUnet',
      'noDropout',
      'lambdaL1',
      'lambdaA',
      'lambdaB',
      'lambdaIdentity',
    ].includes(key),
);

/** The schema of `pix2pixhd import`. */
export const importSchema = z.strictObject({
  from: option(path(), {
    group: 'input',
    value: 'FOLDER',
    help: 'Folder of the official run, such as checkpoints/label2city_1024p. It holds latest_net_G.pth, and optionally latest_net_D.pth, latest_net_E.pth, opt.txt and iter.txt; of pix2pix and CycleGAN latest_net_G.pth or latest_net_G_A.pth and so on, and train_opt.txt.',
  }),
  whichEpoch: option(
    z
      .string()
      .regex(/^(latest|\d+)$/)
      .default('latest'),
    {
      group: 'input',
      value: 'WHICH',
      nvidia: 'which_epoch',
      allowed: 'latest, or the number of an epoch',
      help: 'Which weights of the folder: latest, or the number of an epoch, as in 100_net_G.pth.',
    },
  ),
  name: runName('output', 'Name of the run to make, in CHECKPOINTS_DIR/NAME.'),
  checkpointsDir: checkpointsDir('output'),
  dataroot: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    whenNull: 'that of opt.txt',
    help: 'Dataset folder, for training later. It can also be given then.',
  }),
});

/** `pix2pixhd import`. */
export const importCommand = {
  name: 'import',
  summary:
    "Make a run from NVIDIA's official weights, or those of pix2pix and CycleGAN, to generate with or to train further.",
  usage: 'FOLDER --name NAME [options]',
  operand: { value: 'FOLDER', key: 'from' },
  ofTraining: { options: importedOptions, role: 'set' },
  examples: [
    {
      explains: 'weights with an opt.txt beside them',
      command: 'pix2pixhd import downloads/label2city_512p --name city',
    },
    {
      explains: 'weights of the public CycleGAN: latest_net_G_A.pth and so on',
      command: 'pix2pixhd import downloads/horse2zebra --name horses --model cycle-gan',
    },
    {
      explains: 'weights without opt.txt: give what differs from the defaults below',
      command: 'pix2pixhd import downloads/label2city_1024p --name city --netG local --ngf 32',
    },
  ],
  schema: importSchema,
} as const satisfies CommandSpec;
