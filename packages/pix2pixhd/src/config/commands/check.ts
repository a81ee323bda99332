/**
 * The command `check` as a user sees it: its options, purpose and examples. What it does is in `cli/check.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import {
  flag,
  inputRange,
  inputs,
  labelMap,
  models,
  ofPhase,
  outputRange,
  path,
  runNamePattern,
} from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** The schema of `pix2pixhd check`. */
export const checkSchema = z.strictObject({
  dataroot: option(path(), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    help: 'Dataset folder, as for train.',
  }),
  phase: option(z.string().regex(runNamePattern).nullable().default(null), {
    ...ofPhase,
    group: 'input',
    whenNull: 'train, and test where there is one',
    help: 'Check only the folders whose names begin with this.',
  }),
  model: option(z.enum(models).default('pix2pixHD'), {
    group: 'input',
    help: 'What you will train. cycle-gan takes two folders of images that need no partners; with it and pix2pix inputs are images unless --label-nc is given.',
  }),
  labelNc: option(z.int().min(0).max(65535).default(35), {
    group: 'input',
    value: 'N',
    nvidia: 'label_nc',
    help: 'Number of label classes you will train with. 0: the inputs are images.',
  }),
  inputs: inputs('input'),
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
  inputRange: inputRange('input'),
  outputRange: outputRange('input'),
  noInstance: option(flag(), {
    group: 'input',
    nvidia: 'no_instance',
    help: 'You will train without instance maps: do not require them.',
  }),
  alignment: option(flag(), {
    group: 'input',
    help: 'Measure how far input and target images are apart, on 40 evenly spread pairs of training. Their edges are compared, so they may be of different cameras.',
  }),
  overlays: option(path().nullable().default(null), {
    group: 'output',
    value: 'FILE',
    whenNull: 'none',
    help: 'With --alignment: write a sheet to this PNG, of some pairs with the input in red and the target in blue and green.',
  }),
  quick: option(flag(), {
    group: 'input',
    help: 'Read only names and headers, as train does before it starts. Finds no damaged pixels and no wrong labels.',
  }),
  all: option(flag(), {
    group: 'output',
    help: 'List every finding. Otherwise the first 20 of each kind are listed and the rest are counted.',
  }),
  preview: option(path().nullable().default(null), {
    group: 'output',
    value: 'FILE',
    help: 'Write the boundary map of the first instance map to this PNG, to see whether objects are separated.',
  }),
});

/** `pix2pixhd check`. */
export const checkCommand = {
  name: 'check',
  summary: 'Check a dataset before training: missing, damaged or mismatched files, wrong labels.',
  usage: 'FOLDER [options]',
  operand: { value: 'FOLDER', key: 'dataroot' },
  examples: [
    { explains: 'a dataset of 35 classes with instance maps', command: 'pix2pixhd check data/city' },
    {
      explains: 'also look at the boundaries between objects',
      command: 'pix2pixhd check data/city --preview boundaries.png',
    },
  ],
  schema: checkSchema,
} as const satisfies CommandSpec;
