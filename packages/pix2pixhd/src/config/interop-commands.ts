/**
 * The commands `import` and `export` as a user sees them: options, purpose and examples. What they do is in `cli/`.
 * Depends on zod, `option.ts`, the schema and the shared options.
 */
import { z } from 'zod';
import type { CommandSpec } from './commands.js';
import { option } from './option.js';
import { runNamePattern, trainSchema } from './schema.js';
import { checkpointsDir, debug, whichEpoch } from './shared-options.js';

const flag = () => z.boolean().default(false);
const path = () => z.string().min(1);

/** The options of `train` that decide what the networks are, or that a run cannot change later. */
const importedOptions = trainSchema.pick({
  seed: true,
  labelNc: true,
  labelMap: true,
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
  loadFeatures: true,
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
  usage: 'FOLDER --name NAME [options]',
  operand: { value: 'FOLDER', key: 'from' },
  examples: [
    {
      explains: 'weights with the opt.txt of their training',
      command: 'pix2pixhd import downloads/label2city_512p --name city',
    },
    {
      explains: 'weights without one: what differs from the defaults below is given here, and overrides opt.txt',
      command: 'pix2pixhd import downloads/label2city_1024p --name city --netG local --ngf 32',
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
  whichEpoch: whichEpoch(),
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
  usage: 'FOLDER --name NAME [options]',
  operand: { value: 'FOLDER', key: 'out' },
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
