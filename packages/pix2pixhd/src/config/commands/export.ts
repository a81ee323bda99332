/**
 * The command `export` as a user sees it: its options, purpose and examples. What it does is in `cli/export.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { checkpointsDir, flag, ofRunName, path, phase, runNamePattern, whichEpoch } from '../shared-options.js';
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
    help: 'Path of a checkpoint, or for --format onnx and page of an exported generator, instead of --name.',
  }),
  live: option(flag(), {
    group: 'input',
    help: 'Export the weights as trained even if the run keeps their EMA (--ema), which is exported otherwise.',
  }),
  dataroot: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    whenNull: "the training's",
    help: 'Of --format page: data set whose drawings the page offers to begin with.',
  }),
  phase: phase('input', 'test', 'Which folders of it hold these drawings.'),
  direction: option(z.enum(['AtoB', 'BtoA']).default('AtoB'), {
    group: 'input',
    help: 'Of --format page, for a run of --model cycle-gan: which of its two generators. ONNX files are written of both.',
  }),
  format: option(z.enum(['pth', 'safetensors', 'onnx', 'page']).default('pth'), {
    group: 'output',
    help: "pth: latest_net_G.pth, latest_net_D.pth, opt.txt and, if there is an encoder, latest_net_E.pth, which NVIDIA's code loads. safetensors: generator.safetensors, all that generating takes in one file: generator, encoder, styles, names of the classes. onnx: generator.onnx and, if there is an encoder, encoder.onnx, which run without libtorch: in browsers, in ONNX Runtime, on devices. page: the editor with the model in a folder for any static host, which needs no server of ours.",
  }),
  precision: option(z.enum(['fp32', 'bf16', 'fp16', 'int8']).default('fp32'), {
    group: 'output',
    help: 'Precision of the weights in generator.safetensors and in ONNX files: bf16 (safetensors) and fp16 take half the space, int8 (ONNX) a quarter. Of a page as of ONNX files.',
  }),
  title: option(z.string().min(1).nullable().default(null), {
    group: 'output',
    value: 'TEXT',
    whenNull: "the run's name",
    help: 'Of --format page: what the page calls the model.',
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
    "Write a run's weights for NVIDIA's code (.pth), or its generator to share (.safetensors), to run anywhere (.onnx) or as a page.",
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
      command: 'pix2pixhd export --name city --format onnx --precision fp16 --out models',
    },
    {
      explains: 'the editor with this generator, as a folder for any static host',
      command: 'pix2pixhd export --name city --format page --precision fp16 --out site',
    },
  ],
  schema: exportSchema,
} as const satisfies CommandSpec;
