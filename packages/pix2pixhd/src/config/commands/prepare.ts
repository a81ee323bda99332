/**
 * The command `prepare` as a user sees it: its options, purpose and examples. What it does is in `cli/prepare.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { flag, inputRange, outputRange, path, seed } from '../shared-options.js';
import type { CommandSpec } from './command.js';

const folder = (help: string) =>
  option(path().nullable().default(null), { group: 'input', value: 'FOLDER', whenNull: 'none', help });

const rule = (help: string) =>
  option(z.string().min(1).nullable().default(null), {
    group: 'input',
    value: 'REGEXP',
    whenNull: 'equal names',
    allowed: 'a regular expression with at least one group',
    help,
  });

/** The schema of `pix2pixhd prepare`. */
export const prepareSchema = z.strictObject({
  from: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    whenNull: 'what --inputs and --targets name',
    help: 'Folder with the material: a published data set, or composites. The option itself may be left out.',
  }),
  kind: option(
    z.enum(['auto', 'composite', 'pairs', 'radiometric', 'cityscapes', 'kaist', 'llvip', 'flir']).default('auto'),
    {
      group: 'input',
      help: 'What the material is: composite, several images in one file; pairs, two folders; radiometric, JPEG files of FLIR cameras with raw counts and a visible image (through exiftool); or the layout of a published data set. auto recognises it.',
    },
  ),
  inputs: folder(
    'Folder of the input images, of two folders to be paired; or a video, whose frames pair by their numbers.',
  ),
  targets: folder('Folder of the target images, or a video.'),
  every: option(z.int().min(1).default(1), {
    group: 'input',
    value: 'N',
    help: 'Of videos take every N-th frame: those that follow each other hardly differ.',
  }),
  ffmpeg: option(path().nullable().default(null), {
    group: 'input',
    value: 'FILE',
    whenNull: 'from FFMPEG, or on the PATH',
    help: 'The program ffmpeg, which reads videos.',
  }),
  labels: folder('Folder of the label maps, in place of --inputs.'),
  instances: folder('Folder of the instance maps that belong to --labels.'),
  pairInputs: rule("What of an input's name tells its partner: ir_(\\d+) pairs ir_017.png with vis_017.jpg."),
  pairTargets: rule("The same for the targets' names: vis_(\\d+)."),
  pairTimes: option(z.number().positive().nullable().default(null), {
    group: 'input',
    value: 'SECONDS',
    whenNull: 'by names',
    help: 'Pair frames by the time stamps in their names, at most SECONDS apart.',
  }),
  panels: option(z.int().min(2).max(16).nullable().default(null), {
    group: 'input',
    value: 'N',
    whenNull: 'recognised',
    help: 'Images in a composite.',
  }),
  stacked: option(flag(), { group: 'input', help: 'They lie one above the other instead of side by side.' }),
  annotations: option(path().nullable().default(null), {
    group: 'input',
    value: 'PATH',
    whenNull: 'none',
    help: 'File or folder of annotations of the images in FOLDER: LabelMe, COCO, YOLO, CVAT or Label Studio. They become label and instance maps.',
  }),
  annotationFormat: option(z.enum(['auto', 'labelme', 'coco', 'yolo', 'cvat', 'label-studio']).default('auto'), {
    group: 'input',
    help: 'Format of the annotations; auto recognises it.',
  }),
  background: option(z.enum(['class', 'ignore']).default('class'), {
    group: 'input',
    help: 'Pixels that no annotation covers: class, a class of their own with the value 0; ignore, no class: 255, or 65535 with more than 255 classes.',
  }),
  overlaps: option(z.enum(['given', 'smaller-above']).default('given'), {
    group: 'input',
    help: 'Which of two annotations that overlap lies above: the later one, or the smaller one.',
  }),
  palette: option(path().nullable().default(null), {
    group: 'input',
    value: 'NAME|FILE',
    whenNull: 'label images hold ids',
    allowed:
      'discover, cityscapes, cityscapes-train-ids, ade20k, pascal-voc, coco-stuff, coco-stuff-171, or a .csv or .json file',
    help: 'Which colour of the label images is which class: a palette that is built in, a table of id, name and colour, or discover, which finds the most frequent colours. The inputs are then label maps, those of composites too.',
  }),
  panoptic: option(path().nullable().default(null), {
    group: 'input',
    value: 'FILE',
    whenNull: 'none',
    help: "COCO's JSON file of panoptic images: --labels are such images, and become label and instance maps.",
  }),
  instancesOf: option(z.string().min(1).nullable().default(null), {
    group: 'input',
    value: 'CLASSES',
    whenNull: 'none',
    allowed: 'all, or ids of classes separated by commas',
    help: 'Make instance maps of the label maps: connected pixels of these classes are an object each; all is every class but 0.',
  }),
  leastInstance: option(z.int().min(1).default(1), {
    group: 'input',
    value: 'PIXELS',
    help: 'Of --instances-of: what is smaller is no object.',
  }),
  direction: option(z.enum(['AtoB', 'BtoA']).default('AtoB'), {
    group: 'input',
    nvidia: 'which_direction',
    help: 'BtoA exchanges inputs and targets: of composites the right one is then the input, of two cameras the colour image.',
  }),
  align: option(z.enum(['none', 'rig', 'pair']).default('none'), {
    group: 'output',
    help: 'Bring the images of two cameras over each other: rig, by one transform for all, of cameras that are fixed to each other; pair, by one a pair. The wider image is resampled, and both are cut to what both see.',
  }),
  alignModel: option(z.enum(['shift', 'similarity', 'affine', 'homography']).default('homography'), {
    group: 'output',
    help: 'What the transform may do. For --align pair similarity at most is sensible: a single pair seldom tells more.',
  }),
  calibrationInputs: option(path().nullable().default(null), {
    group: 'input',
    value: 'FILE',
    whenNull: 'none',
    help: "Calibration of the inputs' camera, as OpenCV or ROS writes it (YAML or XML): the distortion of its lens is taken out first.",
  }),
  calibrationTargets: option(path().nullable().default(null), {
    group: 'input',
    value: 'FILE',
    whenNull: 'none',
    help: "The same of the targets' camera.",
  }),
  inputRange: inputRange('input'),
  outputRange: outputRange('input'),
  out: option(path(), {
    group: 'output',
    value: 'FOLDER',
    help: 'Folder of the data set that is made: what train and check take as --dataroot.',
  }),
  split: option(z.enum(['auto', 'phase', 'group', 'block', 'pair']).default('auto'), {
    group: 'output',
    help: 'What stays together when pairs are held out: phase keeps the split that the material has; group, sequences, cities or subjects; block, frames that follow each other; pair, nothing. auto is the first of these that the material has.',
  }),
  group: option(z.string().min(1).nullable().default(null), {
    group: 'output',
    value: 'REGEXP',
    whenNull: "the material's own",
    allowed: 'a regular expression with at least one group',
    help: 'What of a name tells its group: ^(\\w+)_\\d+ for city_0001.png.',
  }),
  test: option(z.number().min(0).max(0.9).default(0.1), {
    group: 'output',
    value: 'SHARE',
    help: 'Share of the pairs that is held out, where the material is not split already.',
  }),
  block: option(z.int().min(1).default(50), {
    group: 'output',
    value: 'N',
    help: 'Frames in a block of --split block.',
  }),
  seed: option(seed(), { group: 'output', value: 'N', help: 'Decides which groups or blocks are held out.' }),
  copy: option(flag(), {
    group: 'output',
    help: 'Copy files. Otherwise those that stay what they are become second names of the files (hard links), which takes no room.',
  }),
});

/** `pix2pixhd prepare`. */
export const prepareCommand = {
  name: 'prepare',
  summary: 'Make a data set of raw material: composites, two cameras, published layouts.',
  usage: '[FOLDER] --out FOLDER [options]',
  operand: { value: 'FOLDER', key: 'from' },
  examples: [
    {
      explains: 'the composites of pix2pix, A on the left and B on the right',
      command: 'pix2pixhd prepare downloads/facades --out data/facades',
    },
    {
      explains: 'two cameras, frames paired by the numbers in their names',
      command:
        "pix2pixhd prepare --inputs raw/ir --targets raw/vis --pair-inputs 'ir_(\\d+)' --pair-targets 'vis_(\\d+)' --out data/rig",
    },
    {
      explains: 'Cityscapes as it is published',
      command: 'pix2pixhd prepare downloads/cityscapes --out data/city',
    },
  ],
  schema: prepareSchema,
} as const satisfies CommandSpec;
