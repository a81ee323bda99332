/**
 * The command `evaluate-segmentation` as a user sees it: its options, purpose and examples. What it does is in
 * `cli/evaluate-segmentation.ts`. Depends on the options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { device, flag, force, path, phase, threads } from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** The schema of `pix2pixhd evaluate-segmentation`. */
export const evaluateSegmentationSchema = z.strictObject({
  segmenter: option(path(), {
    group: 'input',
    value: 'FILE',
    allowed: 'a .safetensors file of train-segmenter, or a .json file that describes an ONNX model',
    help: 'Segmenter to score with: a file of train-segmenter, or a JSON file that describes an ONNX model (docs/segmentation.md).',
  }),
  dataroot: option(path(), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    help: 'Dataset with the label maps, and the real images, which are scored as the oracle.',
  }),
  phase: phase('input', 'test', 'Which folders of the dataset the results are of.'),
  classes: option(flag(), { group: 'output', help: 'Also print the IoU of each class.' }),
  out: option(path().nullable().default(null), {
    group: 'output',
    value: 'FILE',
    whenNull: 'not written',
    help: 'Write scores, confusion matrices and what was excluded to this JSON file.',
  }),
  force: force(),
  device: device(),
  threads: threads(),
});

/** `pix2pixhd evaluate-segmentation`. */
export const evaluateSegmentationCommand = {
  name: 'evaluate-segmentation',
  summary: 'Score generated images by a segmenter: pixel accuracy and mean IoU, beside the real images.',
  usage: 'NAME=FOLDER … --segmenter FILE [options]',
  operand: { value: 'NAME=FOLDER' },
  examples: [
    {
      explains: 'the results of two methods, and the real images as the oracle',
      command: 'pix2pixhd evaluate-segmentation a=out/a b=out/b --segmenter s.safetensors --dataroot data/city',
    },
    {
      explains: 'by an ONNX model, with everything as a JSON file',
      command: 'pix2pixhd evaluate-segmentation out/a --segmenter s.json --dataroot city --out scores.json',
    },
  ],
  schema: evaluateSegmentationSchema,
} as const satisfies CommandSpec;
