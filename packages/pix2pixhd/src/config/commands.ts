/**
 * The commands of `pix2pixhd` as a user sees them: name, purpose, examples and options. What they do is in `cli/`.
 * Depends on zod, `option.ts` and `schema.ts` only.
 */

import { z } from 'zod';
import { option } from './option.js';
import { networkOptions } from './repeatable.js';
import { runNamePattern, trainSchema } from './schema.js';
import {
  checkpointsDir,
  debug,
  device,
  force,
  labelMap,
  precision,
  seed,
  threads,
  whichEpoch,
} from './shared-options.js';

/** A command line that a newcomer can copy, and what it does. */
export interface Example {
  readonly explains: string;
  readonly command: string;
}

/** A command: everything that parser and help need. */
export interface CommandSpec<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows `pix2pixhd NAME` in the usage line. */
  readonly usage: string;
  readonly examples: readonly Example[];
  readonly schema: S;
  /** What an argument that is no option is. Without it there may be none. */
  readonly operand?: Operand;
  /** Options of the training that may be repeated, and must agree with what the training was told then. */
  readonly repeatable?: z.ZodObject;
}

/** The arguments of a command that are no options. */
export interface Operand {
  /** `FOLDER`, as the usage line has it. */
  readonly value: string;
  /** The option that it is short for; left out where there may be several, which the command itself looks at. */
  readonly key?: string;
}

const flag = () => z.boolean().default(false);
const path = () => z.string().min(1);

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
    { explains: 'go on where the run stopped', command: 'pix2pixhd train --name city --resume' },
  ],
  schema: trainSchema,
} as const satisfies CommandSpec;

/** The schema of `pix2pixhd generate`. What the network is, is read from the checkpoint. */
export const generateSchema = z.strictObject({
  name: option(z.string().regex(runNamePattern).nullable().default(null), {
    group: 'input',
    value: 'NAME',
    nvidia: 'name',
    allowed: 'letters, digits and . _ + -, not beginning with a dot',
    help: 'Run whose checkpoint to use, as given to train. This or --checkpoint is needed.',
  }),
  checkpointsDir: checkpointsDir(),
  whichEpoch: whichEpoch(),
  checkpoint: option(path().nullable().default(null), {
    group: 'input',
    value: 'PATH',
    help: 'A checkpoint by its path, in place of --name.',
  }),
  dataroot: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    help: 'Dataset to translate: its folders PHASE_label and PHASE_inst, or PHASE_A. This or --input is needed.',
  }),
  phase: option(z.string().regex(runNamePattern).default('test'), {
    group: 'input',
    value: 'NAME',
    nvidia: 'phase',
    allowed: 'the part of a folder name before _label or _A, as in test_label',
    help: 'Which folders of the dataroot to translate.',
  }),
  input: option(path().nullable().default(null), {
    group: 'input',
    value: 'PATH',
    help: 'A label map or image to translate, or a folder of them, in place of --dataroot. Without --input too: pix2pixhd generate a.png b.png FOLDER. A folder that has PHASE_label or PHASE_A in it is a dataset.',
  }),
  inputInst: option(path().nullable().default(null), {
    group: 'input',
    value: 'PATH',
    help: 'The instance map that belongs to --input, or the folder of them. Needed where the network was trained with instance maps.',
  }),
  howMany: option(z.int().min(1).nullable().default(null), {
    group: 'input',
    value: 'N',
    nvidia: 'how_many',
    whenNull: 'all',
    help: 'Translate only the first N.',
  }),
  style: option(path().nullable().default(null), {
    group: 'input',
    value: 'STYLE',
    whenNull: 'random, where the network takes styles',
    allowed: 'random, mean, cluster:N, image:PATH, file:PATH',
    help: 'Style of the objects, of a network trained with --instance-feat or --label-feat: random draws one for every object; mean; cluster:N, counted from 0, the largest; image:PATH takes those of an image, or of the one of the same name in a folder; file:PATH is JSON that says it for classes and objects. All but image need pix2pixhd encode once.',
  }),
  useEncodedImage: option(flag(), {
    group: 'input',
    nvidia: 'use_encoded_image',
    help: 'Take the styles from the real images of the dataset: --style image:DATAROOT/PHASE_img.',
  }),
  styleSeed: option(seed(), {
    group: 'input',
    value: 'N',
    help: 'Seed of random styles. An object keeps its style when others change; another seed gives other styles.',
  }),
  styleSeeds: option(z.int().min(1).max(1000).nullable().default(null), {
    group: 'input',
    value: 'N',
    whenNull: 'one image of each input',
    help: 'Make N images of each input, under N style seeds from --style-seed on, as STEM.seed-0.png and so on.',
  }),
  out: option(path().default('results'), {
    group: 'output',
    value: 'FOLDER',
    aliases: ['results_dir'],
    help: 'Folder to write the images to, as PNG under the names of their inputs.',
  }),
  force: force(),
  device: device(),
  precision: precision(),
  threads: threads(),
  debug: debug(),
});

/** All options of `generate`, resolved. */
export type GenerateConfig = Readonly<z.output<typeof generateSchema>>;

/** `pix2pixhd generate`. */
export const generateCommand = {
  name: 'generate',
  summary: 'Translate label maps or images with a trained generator.',
  usage: '--name NAME (PATH … | --dataroot FOLDER) [options]',
  operand: { value: 'PATH' },
  repeatable: networkOptions,
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
  ],
  schema: generateSchema,
} as const satisfies CommandSpec;

/** The schema of `pix2pixhd check`. */
export const checkSchema = z.strictObject({
  dataroot: option(path(), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    help: 'Folder of the pairs, as for train.',
  }),
  phase: option(z.string().regex(runNamePattern).nullable().default(null), {
    group: 'input',
    value: 'NAME',
    nvidia: 'phase',
    whenNull: 'train, and test where there is one',
    allowed: 'the part of a folder name before _label or _A, as in train_label',
    help: 'Check only the folders that begin with this name.',
  }),
  labelNc: option(z.int().min(0).max(65535).default(35), {
    group: 'input',
    value: 'N',
    nvidia: 'label_nc',
    help: 'Number of label classes you will train with. 0: inputs are images.',
  }),
  labelMap: labelMap('input'),
  inputNc: option(z.int().min(1).default(3), {
    group: 'input',
    value: 'N',
    nvidia: 'input_nc',
    help: 'Channels of the input images you will train with. Only used with --label-nc 0.',
  }),
  outputNc: option(z.int().min(1).default(3), {
    group: 'input',
    value: 'N',
    nvidia: 'output_nc',
    help: 'Channels of the images you will train to generate.',
  }),
  noInstance: option(flag(), {
    group: 'input',
    nvidia: 'no_instance',
    help: 'You will train without instance maps: do not ask for them.',
  }),
  quick: option(flag(), {
    group: 'input',
    help: 'Read only names and headers, as train does before it starts. Finds no damaged pixels and no wrong labels.',
  }),
  all: option(flag(), {
    group: 'output',
    help: 'List every finding. Otherwise the first 20 of each kind are listed and the rest counted.',
  }),
  preview: option(path().nullable().default(null), {
    group: 'output',
    value: 'FILE',
    help: 'Write the boundary map of the first instance map to this PNG, to see whether objects are told apart.',
  }),
  debug: debug(),
});

/** All options of `check`, resolved. */
export type CheckConfig = Readonly<z.output<typeof checkSchema>>;

/** `pix2pixhd check`. */
export const checkCommand = {
  name: 'check',
  summary: 'Examine a dataset before training: missing, damaged or mismatched files, wrong labels.',
  usage: 'FOLDER [options]',
  operand: { value: 'FOLDER', key: 'dataroot' },
  examples: [
    { explains: 'a dataset of 35 classes with instance maps', command: 'pix2pixhd check data/city' },
    {
      explains: 'also look at the borders between objects',
      command: 'pix2pixhd check data/city --preview boundaries.png',
    },
  ],
  schema: checkSchema,
} as const satisfies CommandSpec;

/** The schema of `pix2pixhd demo`. */
export const demoSchema = z.strictObject({
  minutes: option(z.number().positive().default(4), {
    group: 'run',
    value: 'MINUTES',
    aliases: ['max-minutes'],
    help: 'How long to train. 4 minutes give shaded, recognisable icons; an hour gives fine ones.',
  }),
  maxSteps: option(z.int().min(1).nullable().default(null), {
    group: 'run',
    value: 'N',
    aliases: ['steps'],
    whenNull: 'no limit',
    help: 'Stop after this many steps even if there is time left.',
  }),
  resume: option(flag(), {
    group: 'run',
    help: 'Continue the demo that is already in the output folder.',
    transient: true,
  }),
  seed: option(seed(), { group: 'run', value: 'N', help: 'Seed of weights, shuffling and flips.' }),
  kind: option(z.enum(['images', 'labels']).default('images'), {
    group: 'data',
    help: 'What the network is given: the flat drawings as images, or as label maps and instance maps, whose classes are 32 colours and the background.',
  }),
  dataOnly: option(flag(), {
    group: 'data',
    help: 'Only make the dataset, and print the command that trains on it.',
  }),
  size: option(z.int().min(32).max(256).multipleOf(4).default(128), {
    group: 'data',
    value: 'PIXELS',
    allowed: 'a multiple of 4 from 32 to 256',
    help: 'Side of the images, a multiple of 4 up to 256. Twice the side takes about four times as long.',
  }),
  out: option(path().default('demo'), {
    group: 'output',
    value: 'FOLDER',
    help: 'Folder for the dataset, the run, the sheet and the page.',
  }),
  device: device(),
  precision: precision(),
  threads: threads(),
  debug: debug(),
});

/** All options of `demo`, resolved. */
export type DemoConfig = Readonly<z.output<typeof demoSchema>>;

/** `pix2pixhd demo`. */
export const demoCommand = {
  name: 'demo',
  summary: 'See it work: train a few minutes on emoji, flat to shaded, and look at the result.',
  usage: '[options]',
  examples: [
    { explains: 'about four minutes of training', command: 'pix2pixhd demo' },
    { explains: 'go on for an hour', command: 'pix2pixhd demo --resume --minutes 60' },
    { explains: 'a dataset of label maps to train on yourself', command: 'pix2pixhd demo --kind labels --data-only' },
  ],
  schema: demoSchema,
} as const satisfies CommandSpec;
