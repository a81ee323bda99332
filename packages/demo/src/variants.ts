/**
 * How the kinds of demo differ: data set, training options, names and words. Depends on the data sets.
 */

import type { TrainConfig } from 'pix2pixhd';
import { type DemoConfig, presetOptions } from 'pix2pixhd/internal';
import { makeEmojiDataset } from './dataset/images.js';
import { EMOJI_LABEL_CLASSES, makeEmojiLabelDataset } from './dataset/labels.js';
import type { EmojiCounts, EmojiOptions } from './emoji/pairs.js';

/** A kind of demo. */
export interface DemoVariant {
  /** The name of its runs, without the number, and of its data set, without the size. */
  readonly name: string;
  readonly makeDataset: (out: string, options: EmojiOptions) => Promise<EmojiCounts>;
  /** The training options that the demo sets. */
  readonly training: Partial<TrainConfig>;
  /** Those of runs that see each pair so often that a network would learn it by heart. */
  readonly longTraining: Partial<TrainConfig>;
  /** The files of the result, in the demo's folder. */
  readonly sheet: string;
  readonly page: string;
  /** How the page begins. */
  readonly title: string;
  readonly lead: string;
  /** What the untouched input is called, which the generated image has to beat. */
  readonly opponent: string;
  /** Where a user's own pairs of this kind belong, and the options for them. */
  readonly own: { readonly folders: string; readonly options: string };
}

/**
 * Two downsamplings keep the detail of small icons; one discriminator and small networks leave the time for more steps
 * (docs/quality.md). No flips: the light comes from one side.
 */
const training = {
  ...presetOptions('modern'),
  resizeOrCrop: 'none',
  noFlip: true,
  ngf: 32,
  nDownsampleGlobal: 2,
  numD: 1,
  ndf: 32,
  vggLoss: false,
  displayFreq: 500,
  saveLatestFreq: 0,
  saveLatestMinutes: 5,
  saveEpochFreq: 0,
} satisfies Partial<TrainConfig>;

const ofLabelMaps = {
  training: { ...training, labelNc: EMOJI_LABEL_CLASSES, noInstance: false, nBlocksGlobal: 6 },
  longTraining: {},
  lead: 'Label maps the network had not seen, painted here in the colours of their classes, as it draws them after training on this machine.',
  opponent: 'painted labels',
  own: { folders: 'data/train_label, data/train_inst and data/train_img', options: '--label-nc 35' },
} satisfies Partial<DemoVariant>;

/** All kinds, as `--kind` names them. */
export const demoVariants: Readonly<Record<DemoConfig['kind'], DemoVariant>> = {
  images: {
    name: 'emoji',
    makeDataset: makeEmojiDataset,
    // Flat and 3D drawings look alike: with skips their colours and edges need little depth.
    training: { ...training, labelNc: 0, noInstance: true, nBlocksGlobal: 3 },
    longTraining: { zoom: 1.12, shift: 0.04, lambdaL1: 10000 },
    sheet: 'sheet.png',
    page: 'index.html',
    title: 'Flat emoji to 3D emoji',
    lead: 'Drawings the network had not seen, as it draws them after training on this machine.',
    opponent: 'untouched input',
    own: { folders: 'data/train_A and data/train_B', options: '--label-nc 0' },
  },
  labels: {
    ...ofLabelMaps,
    name: 'emoji-labels',
    makeDataset: makeEmojiLabelDataset,
    sheet: 'sheet-labels.png',
    page: 'labels.html',
    title: 'Label maps to 3D emoji',
  },
  annotated: {
    ...ofLabelMaps,
    name: 'emoji-annotated',
    makeDataset: (out, options) => makeEmojiLabelDataset(out, options, 'shaded'),
    sheet: 'sheet-annotated.png',
    page: 'annotated.html',
    title: 'Label maps of 3D emoji to 3D emoji',
  },
};
