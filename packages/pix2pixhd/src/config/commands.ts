/**
 * The commands of `pix2pixhd` as a user sees them: name, purpose, examples and options. What they do is in `cli/`.
 * Depends on zod, `option.ts` and `schema.ts` only.
 */

import { z } from 'zod';
import { option } from './option.js';
import { runNamePattern, trainSchema } from './schema.js';
import { checkpointsDir, debug, device, precision, seed, threads } from './shared-options.js';

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
}

const flag = () => z.boolean().default(false);
const path = () => z.string().min(1);

/** `--which-epoch` of the commands that read a checkpoint of a run. */
const whichCheckpoint = () =>
  option(
    z
      .string()
      .regex(/^(latest|best|stage-\d+|\d+)$/)
      .default('latest'),
    {
      group: 'input',
      value: 'WHICH',
      nvidia: 'which_epoch',
      allowed: 'latest, best, stage-N, or the number of a step that was saved',
      help: 'Which checkpoint of the run: latest, best, the last one of stage N (stage-N), or the number of a step that was saved.',
    },
  );

/** `pix2pixhd train`. */
export const trainCommand = {
  name: 'train',
  summary: 'Train a generator and its discriminators on pairs of pictures.',
  usage: '--dataroot FOLDER --name NAME [options]',
  examples: [
    {
      explains: 'label maps, instance maps and photos in data/city/train_label, train_inst and train_img',
      command: 'pix2pixhd train --dataroot data/city --name city --load-size 512',
    },
    {
      explains: 'pictures to pictures, in data/maps/train_A and train_B, for one hour',
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
  whichEpoch: whichCheckpoint(),
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
    help: 'A label map or picture to translate, or a folder of them, in place of --dataroot.',
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
  out: option(path().default('results'), {
    group: 'output',
    value: 'FOLDER',
    aliases: ['results_dir'],
    help: 'Folder to write the pictures to, as PNG under the names of their inputs.',
  }),
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
  summary: 'Translate label maps or pictures with a trained generator.',
  usage: '--name NAME (--dataroot FOLDER | --input PATH) [options]',
  examples: [
    {
      explains: 'everything in data/city/test_label, with the latest checkpoint of the run city',
      command: 'pix2pixhd generate --name city --dataroot data/city --out results',
    },
    {
      explains: 'one picture, with the best checkpoint',
      command: 'pix2pixhd generate --name maps --which-epoch best --input sketch.png --out results',
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
    help: 'Number of label classes you will train with. 0: inputs are pictures.',
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
  usage: '--dataroot FOLDER [options]',
  examples: [
    { explains: 'a dataset of 35 classes with instance maps', command: 'pix2pixhd check --dataroot data/city' },
    {
      explains: 'also look at the borders between objects',
      command: 'pix2pixhd check --dataroot data/city --preview boundaries.png',
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
  size: option(z.int().min(32).max(256).multipleOf(4).default(128), {
    group: 'data',
    value: 'PIXELS',
    allowed: 'a multiple of 4 from 32 to 256',
    help: 'Side of the pictures, a multiple of 4 up to 256. Twice the side takes about four times as long.',
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
  ],
  schema: demoSchema,
} as const satisfies CommandSpec;

/** The options of `train` that decide what the networks are, or that a run cannot change later. */
const importedOptions = trainSchema.pick({
  seed: true,
  labelNc: true,
  inputNc: true,
  outputNc: true,
  noInstance: true,
  batchSize: true,
  netG: true,
  ngf: true,
  nDownsampleGlobal: true,
  nBlocksGlobal: true,
  nLocalEnhancers: true,
  nBlocksLocal: true,
  norm: true,
  numD: true,
  nLayersD: true,
  ndf: true,
  instanceFeat: true,
  labelFeat: true,
  featNum: true,
  nDownsampleE: true,
  nef: true,
  ganMode: true,
  noGanFeatLoss: true,
  vggLoss: true,
  vggNormalise: true,
  accumulate: true,
  poolSize: true,
}).shape;

/** The schema of `pix2pixhd import`. */
export const importSchema = z.strictObject({
  from: option(path(), {
    group: 'input',
    value: 'FOLDER',
    help: 'Folder of the official run, such as checkpoints/label2city_1024p: it holds latest_net_G.pth, and perhaps latest_net_D.pth, latest_net_E.pth, opt.txt and iter.txt.',
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
  name: option(z.string().regex(runNamePattern), {
    group: 'output',
    value: 'NAME',
    nvidia: 'name',
    allowed: 'letters, digits and . _ + -, not beginning with a dot',
    help: 'Name of the run to make, in CHECKPOINTS_DIR/NAME.',
  }),
  checkpointsDir: option(path().default('checkpoints'), {
    group: 'output',
    value: 'FOLDER',
    nvidia: 'checkpoints_dir',
    help: 'Folder that holds all runs.',
  }),
  dataroot: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    whenNull: 'that of opt.txt',
    help: 'Folder of the pairs, to train on later. It can also be given then.',
  }),
  ...importedOptions,
  debug: debug(),
});

/** All options of `import`, resolved. */
export type ImportConfig = Readonly<z.output<typeof importSchema>>;

/** `pix2pixhd import`. */
export const importCommand = {
  name: 'import',
  summary: "Make a run of NVIDIA's official weights: to generate with, and to train on.",
  usage: '--from FOLDER --name NAME [options]',
  examples: [
    {
      explains: 'weights with the opt.txt of their training',
      command: 'pix2pixhd import --from downloads/label2city_512p --name city',
    },
    {
      explains: 'weights without one: what differs from the defaults below is given here, and overrides opt.txt',
      command: 'pix2pixhd import --from downloads/label2city_1024p --name city --netG local --ngf 32',
    },
  ],
  schema: importSchema,
} as const satisfies CommandSpec;

/** The schema of `pix2pixhd export`. */
export const exportSchema = z.strictObject({
  name: option(z.string().regex(runNamePattern), {
    group: 'input',
    value: 'NAME',
    nvidia: 'name',
    allowed: 'letters, digits and . _ + -, not beginning with a dot',
    help: 'Run to export, as given to train.',
  }),
  checkpointsDir: checkpointsDir(),
  whichEpoch: whichCheckpoint(),
  live: option(flag(), {
    group: 'input',
    help: 'The weights as they were trained, also where the run keeps their average (--ema), which is exported otherwise.',
  }),
  format: option(z.enum(['pth', 'safetensors']).default('pth'), {
    group: 'output',
    help: "pth: latest_net_G.pth, latest_net_D.pth, where there is an encoder latest_net_E.pth, and opt.txt, which NVIDIA's code loads. safetensors: generator.safetensors, the generator alone, for other programs.",
  }),
  out: option(path(), {
    group: 'output',
    value: 'FOLDER',
    help: 'Folder to write to.',
  }),
  force: option(flag(), {
    group: 'output',
    help: 'Replace files that are there already.',
  }),
  debug: debug(),
});

/** All options of `export`, resolved. */
export type ExportConfig = Readonly<z.output<typeof exportSchema>>;

/** `pix2pixhd export`. */
export const exportCommand = {
  name: 'export',
  summary: "Write a run's weights for NVIDIA's code (.pth), or its generator alone (.safetensors).",
  usage: '--name NAME --out FOLDER [options]',
  examples: [
    {
      explains: "the latest checkpoint of the run city, to continue in NVIDIA's code",
      command: 'pix2pixhd export --name city --out checkpoints/city_official',
    },
    {
      explains: 'the generator of the best checkpoint, to share',
      command: 'pix2pixhd export --name city --which-epoch best --format safetensors --out shared',
    },
  ],
  schema: exportSchema,
} as const satisfies CommandSpec;
