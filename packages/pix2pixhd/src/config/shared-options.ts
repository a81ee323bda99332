/** The options that several commands have in common. Depends on zod and `option.ts` only. */

import { z } from 'zod';
import { option } from './option.js';

/** `auto`, `cpu`, `cuda` or `cuda:N`. */
export const devicePattern = /^(auto|cpu|cuda(:\d+)?)$/;

/** `--device`. `auto` is the first CUDA device where there is one, else the CPU. */
export const device = () =>
  option(z.string().regex(devicePattern).default('auto'), {
    group: 'device',
    value: 'DEVICE',
    allowed: 'auto, cpu, cuda, cuda:N',
    help: 'Where to compute: auto, cpu, cuda or cuda:N. auto takes a GPU that libtorch can use, else the CPU.',
  });

/** `--precision`. What `auto` becomes is decided where the device is known. */
export const precision = () =>
  option(z.enum(['fp32', 'bf16', 'auto']).default('auto'), {
    group: 'device',
    help: 'Arithmetic of the convolutions. bf16 is about twice as fast on hardware that has it; auto uses it there.',
  });

/** `--threads`. `null`: all physical cores. */
export const threads = () =>
  option(z.int().min(1).max(1024).nullable().default(null), {
    group: 'device',
    value: 'N',
    whenNull: 'all physical cores',
    help: 'Threads of the CPU to compute with.',
  });

/** The zod schema of every `--seed`; each command says in its own help what the seed decides. */
export const seed = () => z.int().min(0).default(0);

/** `--debug`, which `cli/main.ts` acts on. */
export const debug = () =>
  option(z.boolean().default(false), {
    group: 'other',
    help: 'Print the stack of an unexpected error.',
    transient: true,
  });

/** `--force` of the commands that write files beside a run. */
export const force = () =>
  option(z.boolean().default(false), {
    group: 'output',
    help: 'Replace files that are there and that pix2pixhd did not make. Inputs are never replaced.',
  });

/** `--checkpoints-dir` of the commands that read runs. */
export const checkpointsDir = () =>
  option(z.string().min(1).default('checkpoints'), {
    group: 'input',
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
      help: 'Which checkpoint of the run: latest, best, the last one of stage N (stage-N), or the number of a step that was saved.',
    },
  );

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
    whenNull: 'values are classes as they are',
    allowed: 'FROM:TO, or several with commas between them, each FROM once, as in 255:1 or 128:1,255:2',
    help: 'Values of label maps that stand for other classes: 255:1 makes 255 the class 1, for masks of 0 and 255. Several with commas: 128:1,255:2.',
    fixed: true,
  });
