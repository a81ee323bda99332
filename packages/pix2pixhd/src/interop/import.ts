/**
 * Imports the files of an official training as a run. Depends on the options, the networks, the checkpoint and the run
 * folder; prints nothing.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { nn } from '@pix2pixhd/torch';
import type { StyleBook } from '@pix2pixhd/web/scene';
import { type CheckpointState, saveCheckpoint, type TrainedParts } from '../checkpoint/checkpoint.js';
import { describeNetwork, letterOf, type NetworkName } from '../checkpoint/network-names.js';
import { CheckpointStore } from '../checkpoint/store.js';
import { withModel } from '../config/baselines.js';
import { checkConsistency } from '../config/consistency.js';
import { type TrainConfig, trainSchema } from '../config/schema.js';
import { Random } from '../data/random.js';
import {
  buildCycleNetworks,
  buildDiscriminator,
  buildEncoder,
  buildGenerator,
  conditionChannels,
  usesFeatures,
} from '../networks/build.js';
import { RunFolder } from '../run/run-folder.js';
import { findClusteredFeatures, readImportedStyles } from '../styles/files/imported-styles.js';
import { writeStyles } from '../styles/files/style-book-file.js';
import { baselineOptionsFile, isBaselineOptions, readBaselineOptions } from './baseline-options.js';
import { OfficialFiles } from './official-files.js';
import { officialDefaults } from './official-options.js';
import { readOptTxt } from './opt-txt.js';

/** What to import, and where. */
export interface ImportOptions {
  /** The folder of the official run: `WHICH_net_G.pth`, and optionally `_D`, `_E`, `opt.txt`, `iter.txt` and
   * `features_clustered_NNN.npy`. */
  readonly from: string;
  /** `latest`, or the number of an epoch. */
  readonly whichEpoch: string;
  /** The run to create. */
  readonly name: string;
  readonly checkpointsDir: string;
  /** Options that override those of `opt.txt`. */
  readonly given: Partial<TrainConfig>;
}

/** A run imported from an official one. */
export interface Imported {
  readonly config: TrainConfig;
  /** The checkpoint's file. */
  readonly checkpoint: string;
  /** What was left out, initialised or assumed, one sentence each. */
  readonly notices: readonly string[];
}

/**
 * Imports official weights as a run at step 0, with fresh optimisers.
 *
 * @throws UserError if a file is missing, cannot be read or does not fit the options, or a run of that name exists.
 */
export function importOfficial(options: ImportOptions): Imported {
  const { from, whichEpoch } = options;
  const notices: string[] = [];
  const config = configOf(options, notices);
  const files = new OfficialFiles(from, whichEpoch, config, notices);
  const networks = networksOf(config);
  try {
    for (const [name, network] of Object.entries(networks) as [NetworkName, nn.Module | undefined][])
      if (network !== undefined)
        files.fill(network, letterOf(name), describeNetwork(letterOf(name)), inputChannels(config, name));
    if (networks.encoder === undefined && existsSync(files.pathOf('E')))
      notices.push(
        `${files.pathOf('E')} is not used: the options ask for no encoder (see --instance-feat, --label-feat)`,
      );
    // Before anything is written: a file that does not fit leaves no run behind.
    const styles = networks.encoder && officialStyles(from, config.featNum, notices);
    const folder = RunFolder.create(config);
    using _ = folder.lock();
    const checkpoint = new CheckpointStore(folder.checkpoints).pathOf(0);
    const state: CheckpointState = {
      config,
      stage: 1,
      step: 0,
      stageStep: 0,
      ...positionOf(from, whichEpoch, config.batchSize, notices),
      score: Number.NaN,
      poolRandom: new Random(config.seed).state,
    };
    saveCheckpoint(checkpoint, { networks, optimisers: {}, average: undefined }, new Map(), new Map(), state);
    if (styles) writeStyles(checkpoint, styles);
    notices.push("Adam's moments start at zero, as in a new run: official files do not have them");
    return { config, checkpoint, notices };
  } finally {
    for (const network of Object.values(networks)) network?.dispose();
  }
}

function networksOf(config: TrainConfig): TrainedParts['networks'] {
  if (config.model === 'cycle-gan') return buildCycleNetworks(config);
  return {
    generator: buildGenerator(config),
    discriminator: buildDiscriminator(config),
    encoder: buildEncoder(config),
  };
}

/** The channels that a network takes. */
function inputChannels(config: TrainConfig, name: NetworkName): number {
  const { inputNc, outputNc, featNum } = config;
  switch (name) {
    case 'generator':
      return conditionChannels(config) + (usesFeatures(config) ? featNum : 0);
    case 'discriminator':
      return conditionChannels(config) + outputNc;
    case 'generatorA':
    case 'discriminatorB':
      return inputNc;
    case 'encoder':
    case 'generatorB':
    case 'discriminatorA':
      return outputNc;
  }
}

function officialStyles(from: string, featNum: number, notices: string[]): StyleBook | undefined {
  const path = findClusteredFeatures(from);
  const styles = path === undefined ? undefined : readImportedStyles(path, featNum);
  notices.push(
    styles
      ? `${path}: the styles of ${styles.classes.size} classes; how often each occurs is not stored there`
      : 'no styles of objects: pix2pixhd encode finds them in the training images',
  );
  return styles;
}

function configOf(options: ImportOptions, notices: string[]): TrainConfig {
  const { name, checkpointsDir, given } = options;
  const stored = storedOptions(options, notices);
  const dataroot = officialDefaults.get('dataroot')!;
  // The public code gives every image the full range of 8 bits.
  const values = { inputRange: 'full', outputRange: 'full', outputDepth: '8' } as const;
  const config = trainSchema.parse(withModel({ dataroot, ...values, ...stored, ...given, name, checkpointsDir }));
  checkConsistency(config);
  return config;
}

/** What the folder says of its training; which model it is of, by its files where there is nothing else. */
function storedOptions({ from, whichEpoch, given }: ImportOptions, notices: string[]): Partial<TrainConfig> {
  const overridden = new Set(Object.keys(given));
  const found = [baselineOptionsFile, 'opt.txt'].map(name => join(from, name)).find(path => existsSync(path));
  const stored =
    found === undefined
      ? {}
      : isBaselineOptions(found)
        ? readBaselineOptions(found, overridden, notices)
        : readOptTxt(found, overridden);
  const byFiles: Pick<Partial<TrainConfig>, 'model'> = existsSync(join(from, `${whichEpoch}_net_G_A.pth`))
    ? { model: 'cycle-gan' }
    : {};
  const model = given.model ?? stored.model ?? byFiles.model;
  if (found === undefined)
    notices.push(
      model === undefined || model === 'pix2pixHD'
        ? `${from} has no opt.txt: options not given take NVIDIA's defaults, listed by pix2pixhd import --help`
        : `${from} has no ${baselineOptionsFile}: options not given take the public defaults of ${model}`,
    );
  return { ...byFiles, ...stored };
}

/** Where the training stopped. The number of steps is not stored, so ours start at 0. */
function positionOf(
  from: string,
  whichEpoch: string,
  batchSize: number,
  notices: string[],
): { epoch: number; batch: number } {
  if (whichEpoch !== 'latest') return { epoch: Number(whichEpoch) + 1, batch: 0 };
  const path = join(from, 'iter.txt');
  if (!existsSync(path)) return { epoch: 1, batch: 0 };
  const [epoch, images] = readFileSync(path, 'utf8').trim().split(/\s+/).map(Number);
  if (Number.isSafeInteger(epoch) && Number.isSafeInteger(images) && epoch! >= 1 && images! >= 0)
    return { epoch: epoch!, batch: Math.floor(images! / batchSize) };
  notices.push(`${path} does not hold an epoch and a number of images: training starts at epoch 1`);
  return { epoch: 1, batch: 0 };
}
