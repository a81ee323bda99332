/**
 * The command `encode` as a user sees it: its options, purpose and examples. What it does is in `cli/encode.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { networkOptions, sizeOptions } from '../repeatable.js';
import {
  checkpointsDir,
  device,
  flag,
  force,
  path,
  phase,
  precision,
  runName,
  seed,
  threads,
  whichEpoch,
} from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** The schema of `pix2pixhd encode`. What the network is, is read from the checkpoint. */
export const encodeSchema = z.strictObject({
  name: runName(
    'input',
    'Run whose styles to find, trained with --instance-feat or --label-feat. They are stored in its checkpoint.',
  ),
  checkpointsDir: checkpointsDir('input'),
  whichEpoch: whichEpoch(),
  dataroot: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    whenNull: 'the dataset of the training',
    help: 'Dataset whose instances to encode.',
  }),
  phase: phase('input', 'train', 'Which folders of the dataset to encode.'),
  nClusters: option(z.int().min(1).max(1000).default(10), {
    group: 'run',
    value: 'K',
    nvidia: 'n_clusters',
    help: 'Styles per class, at most.',
  }),
  areaWeights: option(flag(), {
    group: 'run',
    help: 'Weight each instance by its area. Otherwise all instances count the same, however small.',
  }),
  seed: option(seed(), { group: 'run', value: 'N', help: 'Seed for the clustering.' }),
  writeFeatures: option(path().nullable().default(null), {
    group: 'output',
    value: 'FOLDER',
    whenNull: 'not written',
    help: 'Also write the feature map of every image to this folder: float32, (channels, height, width), as STEM.npy.',
  }),
  force: force(),
  pageClasses: option(z.int().min(0).default(12), {
    group: 'output',
    value: 'N',
    help: 'Number of classes on the styles page, largest area first. 0: no page.',
  }),
  device: device(),
  precision: precision(),
  threads: threads(),
});

/** All options of `encode`, resolved. */
export type EncodeConfig = Readonly<z.output<typeof encodeSchema>>;

/** `pix2pixhd encode`. */
export const encodeCommand = {
  name: 'encode',
  summary: 'Find the styles of every class, for generate --style, with the encoder of a trained run.',
  usage: '[FOLDER] --name NAME [options]',
  operand: { value: 'FOLDER', key: 'dataroot' },
  ofTraining: { options: networkOptions.extend(sizeOptions.shape), role: 'agree' },
  examples: [
    {
      explains: 'the styles of the run city, from the dataset it was trained on; look at checkpoints/city/styles.html',
      command: 'pix2pixhd encode --name city',
    },
    {
      explains: 'at most 5 styles per class, and the feature maps as files for training with --load-features',
      command: 'pix2pixhd encode --name city --n-clusters 5 --write-features data/city/train_feat',
    },
  ],
  schema: encodeSchema,
} as const satisfies CommandSpec;
