/**
 * The command `generate` as a user sees it: its options, purpose and examples. What it does is in `cli/generate.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { networkOptions } from '../repeatable.js';
import {
  checkpointsDir,
  device,
  flag,
  force,
  ofRunName,
  path,
  phase,
  precision,
  runNamePattern,
  seed,
  threads,
  whichEpoch,
} from '../shared-options.js';
import type { CommandSpec } from './command.js';
import { isLive, videoOptions } from './generate-video.js';

/** The schema of `pix2pixhd generate`. What the network is, is read from the checkpoint. */
export const generateSchema = z.strictObject({
  name: option(z.string().regex(runNamePattern).nullable().default(null), {
    ...ofRunName,
    group: 'input',
    help: 'Run whose checkpoint to use. This or --checkpoint is required.',
  }),
  checkpointsDir: checkpointsDir('input'),
  whichEpoch: whichEpoch(),
  checkpoint: option(path().nullable().default(null), {
    group: 'input',
    value: 'PATH',
    help: 'Path of a checkpoint or of an exported generator, instead of --name.',
  }),
  dataroot: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    help: 'Dataset to generate from: its folders PHASE_label and PHASE_inst, or PHASE_A. This or --input is required.',
  }),
  phase: phase('input', 'test', 'Which folders of the dataset to generate from.'),
  input: option(path().nullable().default(null), {
    group: 'input',
    value: 'PATH',
    help: "Label map, image or video to generate from, or a folder of label maps or images, instead of --dataroot. The option's name may be left out: pix2pixhd generate a.png b.png FOLDER. A folder that contains PHASE_label or PHASE_A is a dataset.",
  }),
  inputInst: option(path().nullable().default(null), {
    group: 'input',
    value: 'PATH',
    help: 'Instance map for --input, or the folder of instance maps. Required where the network was trained with instance maps.',
  }),
  howMany: option(z.int().min(1).nullable().default(null), {
    group: 'input',
    value: 'N',
    nvidia: 'how_many',
    whenNull: 'all',
    help: 'Only the first N inputs; of a video, its first N frames.',
  }),
  direction: option(z.enum(['AtoB', 'BtoA']).default('AtoB'), {
    group: 'input',
    help: 'Of a run of --model cycle-gan: AtoB generates from PHASE_A, BtoA from PHASE_B. Other runs go from A to B.',
  }),
  noiseSeed: option(seed().nullable().default(null), {
    group: 'input',
    value: 'N',
    whenNull: '0',
    help: 'Seed of the noise of a run of --model pix2pix, which keeps its dropout: the same seed gives the same images.',
  }),
  style: option(path().nullable().default(null), {
    group: 'input',
    value: 'STYLE',
    whenNull: 'random, where the network takes styles',
    allowed: 'random, mean, cluster:N, image:PATH, file:PATH',
    help: 'Style of the objects, for networks trained with --instance-feat or --label-feat: random draws one per object; mean; cluster:N takes the N-th largest cluster, counted from 0; image:PATH takes the styles of an image, or of the image of the same name in a folder; file:PATH is JSON with a style per class or object. All but image require pix2pixhd encode once.',
  }),
  useEncodedImage: option(flag(), {
    group: 'input',
    nvidia: 'use_encoded_image',
    help: 'Take the styles from the real images of the dataset: --style image:DATAROOT/PHASE_img.',
  }),
  styleSeed: option(seed(), {
    group: 'input',
    value: 'N',
    help: 'Seed for random styles. An object keeps its style when other objects change; another seed gives other styles.',
  }),
  styleSeeds: option(z.int().min(1).max(1000).nullable().default(null), {
    group: 'input',
    value: 'N',
    whenNull: 'one image of each input',
    help: 'Generate N images per input, with N style seeds from --style-seed on, as STEM.seed-0.png and so on.',
  }),
  out: option(path().default('results'), {
    group: 'output',
    value: 'FOLDER',
    aliases: ['results_dir'],
    help: 'Folder for the generated images and videos, named after their inputs.',
  }),
  format: option(z.enum(['auto', 'png', 'tiff', 'npy', 'jpeg', 'webp']).default('auto'), {
    group: 'output',
    help: 'Format of the images. png, tiff and npy have the depth and unit of the images that the network was trained on; jpeg and webp have 8 bits. auto: png, and tiff for floating point or more than four channels.',
  }),
  quality: option(z.int().min(1).max(100).default(92), {
    group: 'output',
    value: 'N',
    help: 'Quality of JPEG and WebP files, from 1 to 100.',
  }),
  force: force(),
  ...videoOptions(),
  device: device(),
  precision: precision(),
  threads: threads(),
});

/** All options of `generate`, resolved. */
export type GenerateConfig = Readonly<z.output<typeof generateSchema>>;

/** `pix2pixhd generate`. */
export const generateCommand = {
  name: 'generate',
  summary: 'Generate images from label maps or images with a trained generator.',
  usage: '--name NAME (PATH … | --dataroot FOLDER) [options]',
  operand: { value: 'PATH' },
  ofTraining: { options: networkOptions, role: 'agree' },
  examples: [
    {
      explains: 'everything in data/city/test_label, with the latest checkpoint of the run city',
      command: 'pix2pixhd generate --name city --dataroot data/city --out results',
    },
    {
      explains: 'one image, with the best checkpoint',
      command: 'pix2pixhd generate sketch.png --name maps --which-epoch best --out results',
    },
    {
      explains: 'each scene in five styles, after pix2pixhd encode --name city',
      command: 'pix2pixhd generate --name city --dataroot data/city --style-seeds 5 --out styles',
    },
    {
      explains: 'a video, with a network for images; what flickers is smoothed',
      command: 'pix2pixhd generate clip.mp4 --name thermal --smooth 0.8 --out results',
    },
  ],
  schema: generateSchema,
  writesData: isLive,
} as const satisfies CommandSpec;
