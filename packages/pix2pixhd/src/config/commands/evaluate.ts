/**
 * The command `evaluate` as a user sees it: its options, purpose and examples. What it does is in `judge/by-options/`. Depends
 * on the options and the names of the metrics.
 */
import { z } from 'zod';
import { parseFixedRange } from '../../data/values/range.js';
import { allMetricNames } from '../metric-names.js';
import { option } from '../option.js';
import {
  checkpointsDir,
  device,
  force,
  ofRunName,
  path,
  phase,
  precision,
  runNamePattern,
  threads,
  whichEpoch,
} from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** `NAME=VALUE`, several times. */
const named = (name = '[^=]+') => z.array(z.string().regex(new RegExp(`^(${name})=.+$`, 's'))).default([]);

const isMetricList = (text: string) =>
  text.split(',').every(name => (allMetricNames as readonly string[]).includes(name.trim()));

/** `--metrics` of the commands that measure. */
export const evaluateMetrics = () =>
  option(z.string().refine(isMetricList).nullable().default(null), {
    group: 'run',
    value: 'NAMES',
    whenNull: 'those that need no weights and are defined for the images',
    allowed: `names with commas between them, of ${allMetricNames.join(', ')}`,
    help: `What to measure, with commas between the names: ${allMetricNames.join(', ')}. Those from lpips on need weights, which are downloaded once.`,
  });

/** `--weights` of the commands that measure. */
export const evaluateWeights = () =>
  option(named('alexnet|vgg16|lpips-alex|lpips-vgg|inception'), {
    group: 'run',
    value: 'NAME=FILE',
    allowed: 'alexnet, vgg16, lpips-alex, lpips-vgg or inception, an equals sign and a file',
    help: 'File of the weights of a network that judges: alexnet and lpips-alex (lpips), vgg16 and lpips-vgg (lpips-vgg), inception (fid, kid). Otherwise they are looked for in the cache, and downloaded.',
  });

/** The schema of `pix2pixhd evaluate`. */
export const evaluateSchema = z.strictObject({
  results: option(named(), {
    group: 'input',
    value: 'NAME=FOLDER',
    allowed: 'a name, an equals sign and a folder, as in ours=results/city',
    help: 'Folder of images that a method made, by any program, and what to call it. The others are compared with the first one.',
  }),
  checkpoints: option(named('[A-Za-z0-9_][\\w.+-]*'), {
    group: 'input',
    value: 'NAME=PATH',
    allowed: 'a name of letters, digits and . _ + -, an equals sign and a path',
    help: 'Run, checkpoint or exported generator whose images to make first, of the inputs in --dataroot, and what to call it.',
  }),
  name: option(z.string().regex(runNamePattern).nullable().default(null), {
    ...ofRunName,
    group: 'input',
    whenNull: 'none',
    help: 'Run to compare, short for --checkpoints NAME=checkpoints/NAME.',
  }),
  checkpointsDir: checkpointsDir('input'),
  whichEpoch: whichEpoch(),
  real: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    whenNull: 'those of --dataroot',
    help: 'Folder of the real images.',
  }),
  dataroot: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    whenNull: 'none',
    help: 'Dataset with the real images, PHASE_img or PHASE_B, and the inputs, PHASE_label or PHASE_A.',
  }),
  phase: phase('input', 'test', 'Which folders of the dataset.'),
  input: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    whenNull: 'those of --dataroot',
    help: 'Folder of the inputs, which the report shows beside the results.',
  }),
  metrics: evaluateMetrics(),
  weights: evaluateWeights(),
  segmenter: option(path().nullable().default(null), {
    group: 'run',
    value: 'FILE',
    whenNull: 'none',
    help: 'Segment all images, and score them by the label maps of --dataroot: a .safetensors file of pix2pixhd train-segmenter, or a .json file that describes an ONNX model. Computes in float32.',
  }),
  resize: option(
    z
      .string()
      .regex(/^(none|real|[1-9]\d{0,4}x[1-9]\d{0,4})$/)
      .default('none'),
    {
      group: 'run',
      value: 'SIZE',
      allowed: 'none, real, or a width and a height, as in 512x256',
      help: 'real: bring results to the size of the real image. WxH: bring both to one size. By antialiased bicubic interpolation. none: sizes have to agree.',
    },
  ),
  outputRange: option(
    z
      .string()
      .refine(text => text === 'full' || parseFixedRange(text) !== undefined)
      .default('full'),
    {
      group: 'run',
      value: 'RANGE',
      allowed: 'full, or LO,HI',
      help: 'Which values of the files are black and white: full, all that their type holds, or LO,HI in their unit.',
    },
  ),
  out: option(path().default('evaluation'), {
    group: 'output',
    value: 'FOLDER',
    help: 'Folder for report.html, results.json, the images of checkpoints, and what is known of earlier calls.',
  }),
  force: force(),
  device: device(),
  precision: precision(),
  threads: threads(),
});

/** All options of `evaluate`, resolved. */
export type EvaluateConfig = Readonly<z.output<typeof evaluateSchema>>;

/** `pix2pixhd evaluate`. */
export const evaluateCommand = {
  name: 'evaluate',
  summary:
    'Compare generated images with real ones: PSNR, SSIM, LPIPS, FID, segmentation scores and others, with intervals and a report.',
  usage: '(--results NAME=FOLDER | --checkpoints NAME=PATH) … (--real FOLDER | --dataroot FOLDER) [options]',
  examples: [
    {
      explains: 'two folders of results, matched with the real images by name',
      command:
        'pix2pixhd evaluate --results ours=results/city --results pix2pix=others/pix2pix --real data/city/test_img',
    },
    {
      explains: 'a run on the held-out pairs of its dataset',
      command: 'pix2pixhd evaluate --name city --dataroot data/city',
    },
    {
      explains: 'FID and KID as well, with weights that are there already',
      command:
        'pix2pixhd evaluate --name city --dataroot data/city --metrics psnr,ssim,fid,kid --weights inception=inception.pth',
    },
    {
      explains: 'pixel accuracy and mean IoU as well, beside those of the real images',
      command: 'pix2pixhd evaluate --name city --dataroot data/city --segmenter city-segmenter.safetensors',
    },
  ],
  schema: evaluateSchema,
} as const satisfies CommandSpec;
