/**
 * The command `encode` as a user sees it: its options, purpose and examples. What it does is in `cli/`. Depends on zod,
 * `option.ts` and the shared options.
 */
import { z } from 'zod';
import type { CommandSpec } from './commands.js';
import { option } from './option.js';
import { networkOptions, sizeOptions } from './repeatable.js';
import { runNamePattern } from './schema.js';
import { checkpointsDir, debug, device, force, precision, seed, threads, whichEpoch } from './shared-options.js';

/** The schema of `pix2pixhd encode`. What the network is, is read from the checkpoint. */
export const encodeSchema = z.strictObject({
  name: option(z.string().regex(runNamePattern), {
    group: 'input',
    value: 'NAME',
    nvidia: 'name',
    allowed: 'letters, digits and . _ + -, not beginning with a dot',
    help: 'Run whose styles to find, trained with --instance-feat or --label-feat. They are stored in its checkpoint.',
  }),
  checkpointsDir: checkpointsDir(),
  whichEpoch: whichEpoch(),
  dataroot: option(z.string().min(1).nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    whenNull: 'the dataset of the training',
    help: 'Dataset whose instances to encode.',
  }),
  phase: option(z.string().regex(runNamePattern).default('train'), {
    group: 'input',
    value: 'NAME',
    nvidia: 'phase',
    allowed: 'the part of a folder name before _label, as in train_label',
    help: 'Which folders of the dataroot to encode.',
  }),
  nClusters: option(z.int().min(1).max(1000).default(10), {
    group: 'run',
    value: 'K',
    nvidia: 'n_clusters',
    help: 'Styles of a class at most.',
  }),
  areaWeights: option(z.boolean().default(false), {
    group: 'run',
    help: 'Let an instance count by its area. Otherwise each counts once, however small.',
  }),
  seed: option(seed(), { group: 'run', value: 'N', help: 'Seed of the clustering.' }),
  writeFeatures: option(z.string().min(1).nullable().default(null), {
    group: 'output',
    value: 'FOLDER',
    whenNull: 'not written',
    help: 'Also write the feature map of every image there: float32, (channels, height, width), as STEM.npy.',
  }),
  force: force(),
  pageClasses: option(z.int().min(0).default(12), {
    group: 'output',
    value: 'N',
    help: 'Classes on the page of styles, those with the largest area. 0: no page.',
  }),
  device: device(),
  precision: precision(),
  threads: threads(),
  debug: debug(),
});

/** All options of `encode`, resolved. */
export type EncodeConfig = Readonly<z.output<typeof encodeSchema>>;

/** `pix2pixhd encode`. */
export const encodeCommand = {
  name: 'encode',
  summary: 'Find the styles of every class, for generate --style, with the encoder of a trained run.',
  usage: '[FOLDER] --name NAME [options]',
  operand: { value: 'FOLDER', key: 'dataroot' },
  repeatable: networkOptions.extend(sizeOptions.shape),
  examples: [
    {
      explains: 'the styles of the run city, from the dataset it was trained on; look at checkpoints/city/styles.html',
      command: 'pix2pixhd encode --name city',
    },
    {
      explains: 'at most 5 styles a class, and the feature maps as files for a training with --load-features',
      command: 'pix2pixhd encode --name city --n-clusters 5 --write-features data/city/train_feat',
    },
  ],
  schema: encodeSchema,
} as const satisfies CommandSpec;
