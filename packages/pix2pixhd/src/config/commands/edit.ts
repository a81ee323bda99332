/**
 * The command `edit` as a user sees it: its options, purpose and examples. What it does is in `cli/edit.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import {
  checkpointsDir,
  device,
  flag,
  ofRunName,
  path,
  phase,
  precision,
  runNamePattern,
  threads,
  whichEpoch,
} from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** The schema of `pix2pixhd edit`. What the network is, is read from the checkpoint. */
export const editSchema = z.strictObject({
  name: option(z.string().regex(runNamePattern).nullable().default(null), {
    ...ofRunName,
    group: 'input',
    whenNull: 'the emoji that come with the program',
    help: 'Run whose generator renders what is drawn.',
  }),
  checkpointsDir: checkpointsDir('input'),
  whichEpoch: whichEpoch(),
  checkpoint: option(path().nullable().default(null), {
    group: 'input',
    value: 'PATH',
    help: 'Path of a checkpoint or of an exported generator, instead of --name.',
  }),
  dataroot: option(path().nullable().default(null), {
    group: 'input',
    value: 'FOLDER',
    nvidia: 'dataroot',
    whenNull: 'the dataset of the training, if it is there',
    help: 'Dataset whose classes.json names the classes, and whose inputs are offered to begin with.',
  }),
  phase: phase('input', 'test', 'Which folders of the dataset to offer inputs from.'),
  host: option(z.string().min(1).default('127.0.0.1'), {
    group: 'run',
    value: 'ADDRESS',
    help: 'Address to listen on. Others than this machine can connect to 0.0.0.0; they need the token that is printed then.',
  }),
  publicHost: option(z.string().min(1).nullable().default(null), {
    group: 'run',
    value: 'HOST',
    whenNull: 'none',
    help: 'Name, with a port if need be, by which a proxy before this server is reached: edit.example.org.',
  }),
  port: option(z.int().min(0).max(65535).default(8735), {
    group: 'run',
    value: 'N',
    help: 'Port to listen on. 0: one that is free.',
  }),
  token: option(z.string().min(8).max(256).nullable().default(null), {
    group: 'run',
    value: 'TEXT',
    whenNull: 'none on this machine alone, else a random one',
    help: 'What a page has to know to be served.',
  }),
  sessions: option(z.int().min(1).max(1000).default(16), {
    group: 'run',
    value: 'N',
    help: 'Pages that may be connected at a time.',
  }),
  maxSide: option(z.int().min(16).max(16384).nullable().default(null), {
    group: 'run',
    value: 'PIXELS',
    whenNull: 'twice that of the images it was trained on, at least 512',
    help: 'Longest side of a canvas.',
  }),
  readOnly: option(flag(), {
    group: 'run',
    help: 'For a public screen: people draw, but open and save no files.',
  }),
  device: device(),
  precision: precision(),
  threads: threads(),
});

/** All options of `edit`, resolved. */
export type EditConfig = Readonly<z.output<typeof editSchema>>;

/** `pix2pixhd edit`. */
export const editCommand = {
  name: 'edit',
  summary: 'Paint a scene in the browser and see it rendered while you draw.',
  usage: '[--name NAME] [options]',
  examples: [
    {
      explains: 'draw emoji, with the network that comes with the program',
      command: 'pix2pixhd edit',
    },
    {
      explains: 'the generator of the run city: open the address that is printed',
      command: 'pix2pixhd edit --name city',
    },
    {
      explains: 'for others in the network, who need the token that is printed',
      command: 'pix2pixhd edit --name city --host 0.0.0.0',
    },
  ],
  schema: editSchema,
} as const satisfies CommandSpec;
