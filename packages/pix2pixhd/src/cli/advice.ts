/**
 * What to do about an error, in the options of the command that was run. The modules below say what would help
 * ({@link Advice}) and put it in the words of training; these are the words of the others. Depends on `errors.ts`.
 */
import { type Advice, UserError } from '../errors.js';

type Kind = Advice['kind'];
/** Words for each kind of advice that a command may give. */
type Words = { readonly [K in Kind]?: (advice: Extract<Advice, { kind: K }>) => string };

/** Another checkpoint of the run: the one that is known to be intact, if there is one. */
const otherCheckpoint = ({ older }: Extract<Advice, { kind: 'checkpoint-damaged' }>) =>
  older === undefined
    ? 'use another checkpoint with --which-epoch'
    : `use the one before it, which is intact: --which-epoch ${older.step}`;

/** Of commands that put images into a network which is trained already. */
const ofTrained: Words = {
  'more-classes': ({ classes }) =>
    `correct the map, or use a run of more classes: this one was trained with ${classes} (pix2pixhd train --label-nc)`,
  channels: ({ option, wanted }) =>
    `convert the file to ${wanted === 1 ? 'one channel' : `${wanted} channels`}, or use a run that was trained for such images (pix2pixhd train ${option})`,
  range: ({ option }) =>
    `convert the file, or use a run that was trained with a range for such values (pix2pixhd train ${option} LO,HI)`,
  layout: ({ found }) =>
    found === 'images'
      ? 'this run takes label maps, and the folders hold pairs of images: give the --dataroot of its own data, or the --name of a run for images'
      : 'this run takes images, and the folders hold label maps: give the --dataroot of its own data, or the --name of a run for label maps',
  'no-instances': ({ folder }) =>
    `put the instance maps into ${folder}/, since this run was trained with them, or use one that was not (pix2pixhd train --no-instance)`,
  'no-features': ({ folder }) =>
    `put the feature maps that the run was trained with into ${folder}/, or give the --dataroot that has them`,
  'feature-map': () => 'write it again, with the run that wrote the others: pix2pixhd encode --write-features',
  'checkpoint-damaged': otherCheckpoint,
  'no-memory': () =>
    'use less memory: smaller images; --precision bf16, whose values take half the memory; close other programs',
};

/** Of commands that compute little. */
const ofOthers: Words = { 'no-memory': () => 'use less memory: close other programs' };

/** By command; what is not here is said in the words of training. */
export const words: Readonly<Record<string, Words>> = {
  generate: {
    ...ofTrained,
    'checkpoint-damaged': advice =>
      `${otherCheckpoint(advice)}, or give ${advice.older?.path ?? 'one by its path'} with --checkpoint`,
  },
  evaluate: {
    ...ofTrained,
    range: ({ option }) =>
      option === '--output-range'
        ? 'give --output-range LO,HI in the unit of the files, or convert them'
        : ofTrained.range!({ kind: 'range', option }),
    'checkpoint-damaged': advice =>
      `${otherCheckpoint(advice)}, or give ${advice.older?.path ?? 'one by its path'} with --checkpoints NAME=PATH`,
  },
  compare: { 'no-memory': () => 'use less memory: fewer --jobs at a time; close other programs' },
  encode: ofTrained,
  edit: {
    'checkpoint-damaged': advice =>
      `${otherCheckpoint(advice)}, or give ${advice.older?.path ?? 'one by its path'} with --checkpoint`,
    'no-memory': () => 'use less memory: smaller drawings, with --max-side; --precision bf16; close other programs',
  },
  'train-segmenter': {
    layout: () => 'give a --dataroot whose inputs are label maps: segmenters are trained by them',
    range: () => 'convert the images to 8 bits, or to floating point from 0 to 1',
    'no-memory': () =>
      'use less memory: a smaller --load-size or --fine-size, a smaller --batch-size, fewer --channels; close other programs',
  },
  check: ofOthers,
  prepare: ofOthers,
  'study create': ofOthers,
  'study serve': ofOthers,
  'study results': ofOthers,
  export: { ...ofOthers, 'checkpoint-damaged': otherCheckpoint },
  import: {
    ...ofOthers,
    'run-exists': ({ path, isRun }) =>
      `choose another --name or --checkpoints-dir, or ${isRun ? 'delete' : 'empty'} ${path}`,
  },
  demo: {
    'place-of-run': () => 'choose another --out, or change the permissions',
    'run-exists': ({ path }) => `choose another --out, or delete ${path}`,
    'checkpoint-damaged': () =>
      'delete this checkpoint and continue from the one before with --resume, or give another --out',
    'no-memory': () => 'use less memory: a smaller --size; close other programs',
    diverged: ({ from }) =>
      from === null
        ? 'start again with another --seed, or with --precision fp32'
        : `continue from step ${from} with --resume --precision fp32`,
  },
};

/** The error with a remedy of the command's own, where its words differ from those of training. */
export function advised(error: unknown, command: string | undefined): unknown {
  if (!(error instanceof UserError) || error.parts.advice === undefined || command === undefined) return error;
  const { advice } = error.parts;
  const word = words[command]?.[advice.kind] as ((advice: Advice) => string) | undefined;
  return word === undefined ? error : error.withRemedy(word(advice));
}
