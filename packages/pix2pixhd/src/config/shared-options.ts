/** Options that several commands have, and the schemas that many options have. Depends on zod and `option.ts` only. */
import { z } from 'zod';
import { parseFixedRange } from '../data/values/range.js';
import { type OptionGroup, option } from './option.js';

/** A run's name becomes a folder: one path component, no leading dot. */
export const runNamePattern = /^[A-Za-z0-9_][\w.+-]*$/;

/** What can be trained: the paper's method and its baselines. */
export const models = ['pix2pixHD', 'pix2pix', 'cycle-gan'] as const;

/** A whole number from 1. */
export const count = z.int().min(1);
/** How often something happens: a whole number, of which 0 means never. */
export const freq = z.int().min(0);
/** Off unless given. */
export const flag = () => z.boolean().default(false);
/** A path, which cannot be empty. */
export const path = () => z.string().min(1);

/** What every `--name` has in common. */
export const ofRunName = {
  value: 'NAME',
  nvidia: 'name',
  allowed: 'letters, digits and . _ + -, not beginning with a dot',
} as const;

/** `--name` where it must be given. */
export const runName = (group: OptionGroup, help: string, fixed: { readonly fixed?: true } = {}) =>
  option(z.string().regex(runNamePattern), { ...ofRunName, group, help, ...fixed });

/** What every `--phase` has in common. */
export const ofPhase = {
  value: 'NAME',
  nvidia: 'phase',
  allowed: 'the part of a folder name before _label or _A, as in train_label',
} as const;

/** `--phase` with a default. */
export const phase = (group: OptionGroup, fallback: string, help: string) =>
  option(z.string().regex(runNamePattern).default(fallback), { ...ofPhase, group, help });

/** `auto`, `cpu`, `cuda` or `cuda:N`. */
const devicePattern = /^(auto|cpu|cuda(:\d+)?)$/;

/** `--device`. `auto` is the first CUDA device where there is one, else the CPU. */
export const device = () =>
  option(z.string().regex(devicePattern).default('auto'), {
    group: 'device',
    value: 'DEVICE',
    allowed: 'auto, cpu, cuda, cuda:N',
    help: 'Where to compute: auto, cpu, cuda or cuda:N. auto takes a GPU if libtorch can use one, otherwise the CPU.',
  });

/** `--precision`. What `auto` becomes is decided where the device is known. */
export const precision = () =>
  option(z.enum(['fp32', 'bf16', 'auto']).default('auto'), {
    group: 'device',
    help: 'Arithmetic of the convolutions. bf16 is about twice as fast on hardware that supports it; auto uses it there.',
  });

/** `--threads`. `null`: all physical cores. */
export const threads = () =>
  option(z.int().min(1).max(1024).nullable().default(null), {
    group: 'device',
    value: 'N',
    whenNull: 'all physical cores',
    help: 'CPU threads to compute with.',
  });

/** The zod schema of every `--seed`; each command says in its own help what the seed decides. */
export const seed = () => z.int().min(0).default(0);

/** `--force` of the commands that write files beside a run. */
export const force = () =>
  option(flag(), {
    group: 'output',
    help: 'Replace existing files that pix2pixhd did not make. Inputs are never replaced.',
  });

/** `--checkpoints-dir`. */
export const checkpointsDir = (group: OptionGroup) =>
  option(path().default('checkpoints'), {
    group,
    value: 'FOLDER',
    nvidia: 'checkpoints_dir',
    help: 'Folder that holds all runs.',
  });

/** `--which-epoch` of the commands that read the checkpoint of a run. */
export const whichEpoch = () =>
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
      help: 'Which checkpoint of the run: latest, best, the last one of stage N (stage-N), or the step that it was saved at.',
    },
  );

/** `--load-size` and `--fine-size` where something is trained on pairs. */
export const pairSizes = {
  loadSize: option(count.default(1024), {
    group: 'data',
    value: 'PIXELS',
    nvidia: 'loadSize',
    help: 'Width that images are scaled to.',
  }),
  fineSize: option(count.default(512), {
    group: 'data',
    value: 'PIXELS',
    nvidia: 'fineSize',
    help: 'Side length of the crops.',
  }),
} as const;

/** `--no-flip` where something is trained on pairs. */
export const noFlip = () =>
  option(flag(), {
    group: 'data',
    nvidia: 'no_flip',
    help: 'Do not flip pairs at random. For images where left and right matter.',
  });

/** `--max-dataset-size` where something is trained on pairs. */
export const maxDatasetSize = () =>
  option(count.nullable().default(null), {
    group: 'data',
    value: 'N',
    whenNull: 'all',
    help: 'Use the first N pairs only, by name.',
  });

const labelMapPattern = /^\d{1,9}:\d{1,5}(,\d{1,9}:\d{1,5})*$/;

/** The values that a `--label-map` maps, once each. */
function mapsEachOnce(text: string): boolean {
  const from = text.split(',').map(pair => Number(pair.split(':')[0]));
  return new Set(from).size === from.length;
}

/** `--label-map` of the commands that read label maps; what has been trained with it is generated with it. */
export const labelMap = (group: 'data' | 'input') =>
  option(z.string().regex(labelMapPattern).refine(mapsEachOnce, 'a value is mapped twice').nullable().default(null), {
    group,
    value: 'FROM:TO',
    whenNull: 'values are the classes',
    allowed: 'FROM:TO, or several with commas between them, each FROM once, as in 255:1 or 128:1,255:2',
    help: 'Remap values of label maps: 255:1 makes 255 class 1, for masks of 0 and 255. Separate several with commas: 128:1,255:2.',
    fixed: true,
  });

/** `--inputs`. */
export const inputs = (group: OptionGroup, more: { readonly network?: 'G'; readonly fixed?: true } = {}) =>
  option(
    z
      .string()
      .regex(/^[A-Za-z][\w-]*(\s*,\s*[A-Za-z][\w-]*)*$/)
      .nullable()
      .default(null),
    {
      group,
      value: 'NAMES',
      whenNull: 'label maps, or one image',
      allowed: 'names of folders without the phase, such as thermal,depth,label',
      help: 'Several inputs at once: thermal,depth takes train_thermal and train_depth, whose channels follow each other. label and inst are label and instance maps. Targets stay in train_B, or in train_img where there are label maps.',
      ...more,
    },
  );

/** A named range, or two numbers of which the second is larger. */
const rangeText = (names: readonly string[]) =>
  z
    .string()
    .refine(text => text.split('/').every(one => names.includes(one) || parseFixedRange(one) !== undefined))
    .default('auto');

/** `--input-range`. What `auto` becomes is decided over the training pairs. */
export const inputRange = (group: OptionGroup, more: { readonly fixed?: true } = {}) =>
  option(rangeText(['auto', 'full', 'percentile', 'per-frame', 'clahe']), {
    group,
    value: 'RANGE',
    allowed: 'auto, full, percentile, LO,HI, per-frame, clahe',
    help: 'Which values of input images become black and white: full, all that the type can hold (floating point: 0 to 1); percentile, all but a thousandth at either end, over the whole data set; LO,HI in the unit of the files; per-frame, percentiles of each image by itself; clahe, the same with contrast equalised locally. auto: full for 8 bits, otherwise percentile. Of several --inputs one for each, separated by /.',
    ...more,
  });

/** `--output-range`. */
export const outputRange = (group: OptionGroup, more: { readonly fixed?: true } = {}) =>
  option(rangeText(['auto', 'full', 'percentile']), {
    group,
    value: 'RANGE',
    allowed: 'auto, full, percentile, LO,HI',
    help: 'The same for target images; results are written in their unit.',
    ...more,
  });
