/**
 * The command `export` as a user sees it: its options, purpose and examples. What it does is in `cli/export.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { checkpointsDir, flag, path, runName, whichEpoch } from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** The schema of `pix2pixhd export`. */
export const exportSchema = z.strictObject({
  name: runName('input', 'Run to export.'),
  checkpointsDir: checkpointsDir('input'),
  whichEpoch: whichEpoch(),
  live: option(flag(), {
    group: 'input',
    help: 'Export the weights as trained even if the run keeps their EMA (--ema), which is exported otherwise.',
  }),
  format: option(z.enum(['pth', 'safetensors']).default('pth'), {
    group: 'output',
    help: "pth: latest_net_G.pth, latest_net_D.pth, opt.txt and, if there is an encoder, latest_net_E.pth, which NVIDIA's code loads. safetensors: generator.safetensors, all that generating takes in one file: generator, encoder, styles, names of the classes.",
  }),
  precision: option(z.enum(['fp32', 'bf16', 'fp16']).default('fp32'), {
    group: 'output',
    help: 'Precision of the weights in generator.safetensors: bf16 and fp16 take half the space.',
  }),
  out: option(path(), {
    group: 'output',
    value: 'FOLDER',
    help: 'Folder to write to.',
  }),
  force: option(flag(), {
    group: 'output',
    help: 'Replace existing files.',
  }),
});

/** `pix2pixhd export`. */
export const exportCommand = {
  name: 'export',
  summary: "Write a run's weights for NVIDIA's code (.pth), or its generator to share (.safetensors).",
  usage: 'FOLDER --name NAME [options]',
  operand: { value: 'FOLDER', key: 'out' },
  examples: [
    {
      explains: "the latest checkpoint of the run city, to continue with NVIDIA's code",
      command: 'pix2pixhd export --name city --out checkpoints/city_official',
    },
    {
      explains: 'the generator of the best checkpoint with its styles, in half the space, to share',
      command: 'pix2pixhd export --name city --which-epoch best --format safetensors --precision bf16 --out shared',
    },
  ],
  schema: exportSchema,
} as const satisfies CommandSpec;
