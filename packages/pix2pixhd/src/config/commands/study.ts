/**
 * The commands `study create`, `study serve` and `study results` as a user sees them. What they do is in `cli/study-*.ts`. Depends on the
 * options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { flag, path, runNamePattern } from '../shared-options.js';
import type { CommandSpec } from './command.js';

/** Where `study serve` listens by default, and what the links of `study create` begin with. */
const PORT = 8736;

const upToThousand = z.int().min(0).max(1000);

/** The schema of `pix2pixhd study create`. */
export const studyCreateSchema = z.strictObject({
  results: option(z.array(z.string().regex(/^[^=]+=.+$/)), {
    group: 'input',
    value: 'NAME=DIR',
    allowed: 'NAME=DIR: the name of a method, and the folder of its images',
    help: 'A method and the folder of its results. To be given once for each method; images belong together by their names.',
  }),
  real: option(path().nullable().default(null), {
    group: 'input',
    value: 'DIR',
    help: 'Folder of the real images. Required with --kind limited-time; with pairwise the attention checks take them.',
  }),
  labels: option(path().nullable().default(null), {
    group: 'input',
    value: 'DIR',
    help: 'With --kind pairwise: folder of the label maps, or images, that the results were made from, shown above each pair.',
  }),
  kind: option(z.enum(['pairwise', 'limited-time']).default('pairwise'), {
    group: 'run',
    help: 'pairwise: two methods beside each other, without a limit of time. limited-time: a result and the real image for a given time.',
  }),
  name: option(z.string().regex(runNamePattern).nullable().default(null), {
    group: 'run',
    value: 'NAME',
    allowed: 'letters, digits and . _ + -, not beginning with a dot',
    whenNull: 'the kind',
    help: 'Name of the experiment within the study. Raters do not see it.',
  }),
  raters: option(z.int().min(1).max(10_000).default(20), {
    group: 'run',
    value: 'N',
    help: 'Links to make, one for each rater.',
  }),
  trials: option(z.int().min(1).max(1000).default(60), {
    group: 'run',
    value: 'N',
    help: 'Pairs that each rater judges, without practice and attention checks.',
  }),
  practice: option(upToThousand.default(3), {
    group: 'run',
    value: 'N',
    help: 'Pairs for practice, which do not count.',
  }),
  checks: option(upToThousand.default(6), {
    group: 'run',
    value: 'N',
    help: 'Attention checks hidden among the pairs: an image beside a spoilt one.',
  }),
  exposures: option(
    z
      .string()
      .regex(/^\s*[\d.]+(\s*,\s*[\d.]+)*\s*$/)
      .default('0.125,0.25,0.5,1,2,4,8'),
    {
      group: 'run',
      value: 'SECONDS',
      allowed: 'seconds separated by commas, each above 0 and at most 60',
      help: 'With --kind limited-time: how long the images are seen.',
    },
  ),
  title: option(z.string().min(1).max(200).default('Comparing pictures'), {
    group: 'run',
    value: 'TEXT',
    help: 'Title of the page.',
  }),
  question: option(z.string().min(1).max(300).default('Which picture looks more realistic?'), {
    group: 'run',
    value: 'TEXT',
    help: 'What raters are asked.',
  }),
  consent: option(path().nullable().default(null), {
    group: 'run',
    value: 'FILE',
    whenNull: 'a short text that says what is stored',
    help: 'Text file that raters agree to before they begin; empty lines separate its paragraphs.',
  }),
  seed: option(z.int().min(0).nullable().default(null), {
    group: 'run',
    value: 'N',
    whenNull: 'a random one',
    help: 'Decides which pairs, sides and orders raters get. Links and addresses of images are random in any case.',
  }),
  out: option(path().default('study'), {
    group: 'output',
    value: 'FOLDER',
    help: 'Folder of the study. It may hold several experiments; each is a folder in it.',
  }),
  address: option(z.url({ protocol: /^https?$/ }).default(`http://127.0.0.1:${PORT}/`), {
    group: 'output',
    value: 'URL',
    allowed: 'an address that begins with http:// or https://',
    help: 'What the printed links begin with: the address that raters will reach the server by.',
  }),
});

/** All options of `study create`, resolved. */
export type StudyCreateConfig = Readonly<z.output<typeof studyCreateSchema>>;

/** `pix2pixhd study create`. */
export const studyCreateCommand = {
  name: 'study create',
  summary: 'Make an experiment of images that people compare, and a link for each of them.',
  usage: '--results NAME=DIR … [options]',
  examples: [
    {
      explains: 'two methods, 40 raters, as much time as they want',
      command:
        'pix2pixhd study create --results ours=results/ours --results pix2pix=results/pix2pix --real data/test_img --labels data/test_label --raters 40',
    },
    {
      explains: 'the same methods against the real images, for 1/8 to 8 seconds, in the same study',
      command:
        'pix2pixhd study create --kind limited-time --results ours=results/ours --results pix2pix=results/pix2pix --real data/test_img --trials 56',
    },
  ],
  schema: studyCreateSchema,
} as const satisfies CommandSpec;

const ofStudy = { group: 'input', value: 'FOLDER' } as const;

/** The schema of `pix2pixhd study serve`. */
export const studyServeSchema = z.strictObject({
  study: option(path().default('study'), { ...ofStudy, help: 'Folder of the study.' }),
  links: option(flag(), { group: 'output', help: 'Print every link, with the address that is served.' }),
  host: option(z.string().min(1).default('127.0.0.1'), {
    group: 'run',
    value: 'ADDRESS',
    help: 'Address to listen on. Others than this machine can connect to 0.0.0.0; without a link they see nothing.',
  }),
  publicHost: option(z.string().min(1).nullable().default(null), {
    group: 'run',
    value: 'HOST',
    whenNull: 'none',
    help: 'Name, with a port if need be, by which a proxy before this server is reached: study.example.org.',
  }),
  port: option(z.int().min(0).max(65535).default(PORT), {
    group: 'run',
    value: 'N',
    help: 'Port to listen on. 0: one that is free.',
  }),
});

/** `pix2pixhd study serve`. */
export const studyServeCommand = {
  name: 'study serve',
  summary: 'Serve the page on which raters compare the images, and store their answers.',
  usage: '[FOLDER] [options]',
  operand: { value: 'FOLDER', key: 'study' },
  examples: [
    { explains: 'all experiments of a study, on this machine alone', command: 'pix2pixhd study serve study' },
    { explains: 'for others in the network', command: 'pix2pixhd study serve study --host 0.0.0.0 --links' },
  ],
  schema: studyServeSchema,
} as const satisfies CommandSpec;

/** The schema of `pix2pixhd study results`. */
export const studyResultsSchema = z.strictObject({
  study: option(path().default('study'), { ...ofStudy, help: 'Folder of the study. It may be served meanwhile.' }),
  attention: option(z.number().min(0).max(1).default(0.8), {
    group: 'run',
    value: 'SHARE',
    help: 'Share of the attention checks that a rater must have answered right to be counted.',
  }),
});

/** `pix2pixhd study results`. */
export const studyResultsCommand = {
  name: 'study results',
  summary: 'Say which method raters prefer, how sure that is, and who was left out and why.',
  usage: '[FOLDER] [options]',
  operand: { value: 'FOLDER', key: 'study' },
  examples: [
    {
      explains: 'prints a table, and writes results.html, .json and .csv into the study',
      command: 'pix2pixhd study results study',
    },
  ],
  schema: studyResultsSchema,
} as const satisfies CommandSpec;
