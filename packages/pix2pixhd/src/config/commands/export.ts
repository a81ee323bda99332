/**
 * The command `export` as a user sees it: its options, purpose and examples. What it does is in `cli/export.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { checkpointsDir, flag, ofRunName, path, runNamePattern, whichEpoch } from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** The schema of `pix2pixhd export`. */
export const exportSchema = z.strictObject({
  name: option(z.string().regex(runNamePattern).nullable().default(null), {
    ...ofRunName,
    group: 'input',
    help: 'Run to export. This or --checkpoint is required.',
  }),
  checkpointsDir: checkpointsDir('input'),
  whichEpoch: whichEpoch(),
  checkpoint: option(path().nullable().default(null), {
    group: 'input',
    value: 'PATH',
    help: 'Path of a checkpoint, or for --format onnx of an exported generator, instead of --name.',
  }),
  live: option(flag(), {
    group: 'input',
    help: 'Export the weights as trained even if the run keeps their EMA (--ema), which is exported otherwise.',
  }),
  format: option(z.enum(['pth', 'safetensors', 'onnx']).default('pth'), {
    group: 'output',
    help: "pth: latest_net_G.pth, latest_net_D.pth, opt.txt and, if there is an encoder, latest_net_E.pth, which NVIDIA's code loads. safetensors: generator.safetensors, all that generating takes in one file: generator, encoder, styles, names of the classes. onnx: generator.onnx and, if there is an encoder, encoder.onnx, which run without libtorch: in browsers, in ONNX Runtime, on devices.",
  }),
  precision: option(z.enum(['fp32', 'bf16', 'fp16', 'int8']).default('fp32'), {
    group: 'output',
    help: 'Precision of the weights in generator.safetensors and in ONNX files: bf16 (safetensors) and fp16 take half the space, int8 (ONNX) a quarter.',
  }),
  licence: option(z.string().min(1).nullable().default(null), {
    group: 'output',
    value: 'TEXT',
    aliases: ['license'],
    whenNull: 'not said',
    help: 'Terms under which the weights may be used, to be written into ONNX files.',
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
  summary:
    "Write a run's weights for NVIDIA's code (.pth), or its generator to share (.safetensors) or to run anywhere (.onnx).",
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
    {
      explains: 'the generator for browsers, phones and services without libtorch',
      command: 'pix2pixhd export --name city --format onnx --precision fp16 --out site',
    },
  ],
  schema: exportSchema,
} as const satisfies CommandSpec;
