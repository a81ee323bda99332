/**
 * The command `demo` as a user sees it: its options, purpose and examples. What it does is in `cli/demo.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { device, flag, path, precision, seed, threads } from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** The schema of `pix2pixhd demo`. */
export const demoSchema = z.strictObject({
  minutes: option(z.number().positive().default(4), {
    group: 'run',
    value: 'MINUTES',
    aliases: ['max-minutes'],
    help: 'Minutes to train. 4 minutes give shaded, recognisable icons; an hour gives fine ones.',
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
    help: 'Continue the demo that is in the output folder.',
    transient: true,
  }),
  seed: option(seed(), { group: 'run', value: 'N', help: 'Seed for weights, shuffling and flips.' }),
  kind: option(z.enum(['images', 'labels', 'annotated']).default('images'), {
    group: 'data',
    help: 'Input of the network: the flat drawings as images; as label maps and instance maps (labels), with 32 colours and the background as classes; or label maps of the 3D drawings themselves (annotated), as of photographs.',
  }),
  dataOnly: option(flag(), {
    group: 'data',
    help: 'Only make the dataset, and print the command that trains on it.',
  }),
  size: option(z.int().min(32).max(256).multipleOf(4).default(128), {
    group: 'data',
    value: 'PIXELS',
    allowed: 'a multiple of 4 from 32 to 256',
    help: 'Side length of the images, a multiple of 4 up to 256. Twice the side takes about four times as long.',
  }),
  out: option(path().default('demo'), {
    group: 'output',
    value: 'FOLDER',
    help: 'Folder for the dataset, the run, the sheet and the page.',
  }),
  device: device(),
  precision: precision(),
  threads: threads(),
});

/** All options of `demo`, resolved. */
export type DemoConfig = Readonly<z.output<typeof demoSchema>>;

/** `pix2pixhd demo`. */
export const demoCommand = {
  name: 'demo',
  summary: 'See it work: train for a few minutes on emoji, flat to shaded, and look at the result.',
  usage: '[options]',
  examples: [
    { explains: 'about four minutes of training', command: 'pix2pixhd demo' },
    { explains: 'continue for an hour', command: 'pix2pixhd demo --resume --minutes 60' },
    { explains: 'a dataset of label maps to train on yourself', command: 'pix2pixhd demo --kind labels --data-only' },
  ],
  schema: demoSchema,
} as const satisfies CommandSpec;
