/**
 * The command `train-segmenter` as a user sees it: its options, purpose and examples. What it does is in `cli/train-segmenter.ts`.
 * Depends on the options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import {
  count,
  device,
  flag,
  labelMap,
  maxDatasetSize,
  noFlip,
  pairSizes,
  path,
  phase,
  precision,
  seed,
  threads,
} from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** The schema of `pix2pixhd train-segmenter`, and of the options that a segmenter's file keeps. */
export const trainSegmenterSchema = z.strictObject({
  dataroot: option(path(), {
    group: 'run',
    value: 'FOLDER',
    nvidia: 'dataroot',
    help: 'Dataset with label maps: its real images and label maps are what the segmenter learns from.',
  }),
  out: option(path().default('segmenter.safetensors'), {
    group: 'run',
    value: 'FILE',
    help: 'File to write the segmenter to.',
    transient: true,
  }),
  phase: phase('run', 'train', 'Which folders of the dataset to train on. Not those that are to be scored.'),
  resume: option(flag(), {
    group: 'run',
    help: 'Continue an unfinished training from --out, with the options it has.',
    transient: true,
  }),
  force: option(flag(), {
    group: 'run',
    help: 'Replace an existing file at --out.',
    transient: true,
  }),
  heldOut: option(z.number().gt(0).max(0.5).default(0.1), {
    group: 'run',
    value: 'SHARE',
    help: 'Share of the pairs that is not trained on: the epoch with the best mean IoU on them is kept.',
  }),
  epochs: option(count.default(30), { group: 'run', value: 'N', help: 'Epochs to train.' }),
  maxMinutes: option(z.number().positive().max(40_000).nullable().default(null), {
    group: 'run',
    value: 'MINUTES',
    whenNull: 'no limit',
    help: 'Stop after these minutes and save; --resume continues.',
    transient: true,
  }),
  seed: option(seed(), {
    group: 'run',
    value: 'N',
    help: 'Seed for weights, order, crops, and which pairs are held out.',
  }),
  labelNc: option(z.int().min(1).max(65535).default(35), {
    group: 'data',
    value: 'N',
    nvidia: 'label_nc',
    help: 'Number of label classes: labels are 0 to N-1, and 255 means no class.',
  }),
  labelMap: labelMap('data'),
  outputNc: option(count.default(3), {
    group: 'data',
    value: 'N',
    nvidia: 'output_nc',
    help: 'Channels of the images.',
  }),
  resizeOrCrop: option(
    z.enum(['none', 'scale_width', 'scale_width_and_crop', 'resize_and_crop', 'crop']).default('none'),
    {
      group: 'data',
      nvidia: 'resize_or_crop',
      help: 'How images are resized, as in train. The segmenter works at that size; its logits are resized to that of the label map.',
    },
  ),
  ...pairSizes,
  noFlip: noFlip(),
  zoom: option(z.number().min(1).max(4).default(1.5), {
    group: 'data',
    value: 'X',
    help: 'Show each batch larger or smaller by a random factor, at most X; 1: as it is.',
  }),
  maxDatasetSize: maxDatasetSize(),
  batchSize: option(count.default(8), {
    group: 'data',
    value: 'N',
    nvidia: 'batchSize',
    help: 'Pairs per batch.',
  }),
  workers: option(count.max(64).default(2), {
    group: 'data',
    value: 'N',
    help: 'Threads that decode images while the segmenter trains.',
  }),
  channels: option(count.max(512).default(16), {
    group: 'network',
    value: 'N',
    help: 'Channels of the U-Net at full size; each halving doubles them.',
  }),
  levels: option(z.int().min(1).max(7).default(4), {
    group: 'network',
    value: 'N',
    help: 'Halvings of the U-Net. Sides are rounded to a multiple of 2^N.',
  }),
  classWeights: option(z.enum(['log', 'median', 'none']).default('log'), {
    group: 'losses',
    help: 'Weights of the classes in the loss: log, 1 / ln(1.02 + share of the pixels); median, median frequency balancing; none, all pixels alike.',
  }),
  lr: option(z.number().positive().default(1e-3), {
    group: 'optimisation',
    value: 'X',
    nvidia: 'lr',
    help: 'Learning rate of AdamW at the start; it falls to zero by the power 0.9 of what is left.',
  }),
  device: device(),
  precision: precision(),
  threads: threads(),
});

/** All options of `train-segmenter`, resolved. */
export type SegmenterConfig = Readonly<z.output<typeof trainSegmenterSchema>>;

/** `pix2pixhd train-segmenter`. */
export const trainSegmenterCommand = {
  name: 'train-segmenter',
  summary: 'Train a segmenter on real pairs, for the segmentation scores of generated images.',
  usage: 'FOLDER [options]',
  operand: { value: 'FOLDER', key: 'dataroot' },
  examples: [
    {
      explains: 'on the training pairs of data/city, at their own size',
      command: 'pix2pixhd train-segmenter data/city --out city-segmenter.safetensors',
    },
    {
      explains: 'at a width of 512',
      command: 'pix2pixhd train-segmenter data/city --resize-or-crop scale_width --load-size 512',
    },
  ],
  schema: trainSegmenterSchema,
} as const satisfies CommandSpec;
