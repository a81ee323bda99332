/**
 * Imports the files of an official training as a run. Depends on the options, the networks, the checkpoint and the run
 * folder; prints nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileFormatError, fromData, type nn, optim, readStateDict, scope, type TensorData } from '@pix2pixhd/torch';
import { type CheckpointState, saveCheckpoint } from '../checkpoint/checkpoint.js';
import { isRunningStatistic, toGroupedDiscriminator, withoutDataParallel } from '../checkpoint/official-keys.js';
import { CheckpointStore } from '../checkpoint/store.js';
import { checkConsistency } from '../config/consistency.js';
import { type TrainConfig, trainSchema } from '../config/schema.js';
import { Random } from '../data/random.js';
import { UserError } from '../errors.js';
import {
  buildDiscriminator,
  buildEncoder,
  buildGenerator,
  conditionChannels,
  usesFeatures,
} from '../networks/build.js';
import { RunFolder } from '../run/run-folder.js';
import { findClusteredFeatures, readImportedStyles } from '../styles/files/imported-styles.js';
import { writeStyles } from '../styles/files/style-book-file.js';
import type { StyleBook } from '../styles/style-book.js';
import { checkFit } from './fit.js';
import { officialDefaults } from './official-options.js';
import { readOptTxt } from './opt-txt.js';
import { discriminatorFacts, encoderFacts, generatorFacts, type ShapeFacts, type Shapes } from './shape-facts.js';

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
  const generator = buildGenerator(config);
  const discriminator = buildDiscriminator(config);
  const encoder = buildEncoder(config);
  const networks = { generator, discriminator, encoder };
  try {
    files.fill(generator, 'G', 'generator', conditionChannels(config) + (usesFeatures(config) ? config.featNum : 0));
    files.fill(discriminator, 'D', 'discriminator', conditionChannels(config) + config.outputNc);
    if (encoder) files.fill(encoder, 'E', 'encoder', config.outputNc);
    else if (existsSync(files.pathOf('E')))
      notices.push(
        `${files.pathOf('E')} is not used: the options ask for no encoder (see --instance-feat, --label-feat)`,
      );
    // Before anything is written: a file that does not fit leaves no run behind.
    const styles = encoder && officialStyles(from, config.featNum, notices);
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
    const optimisers = {
      generator: new optim.Adam(new Map()),
      discriminator: new optim.Adam(new Map()),
    };
    saveCheckpoint(checkpoint, { networks, optimisers, average: undefined }, new Map(), new Map(), state);
    if (styles) writeStyles(checkpoint, styles);
    notices.push("Adam's moments start at zero, as in a new run: official files do not have them");
    return { config, checkpoint, notices };
  } finally {
    for (const network of [generator, discriminator, encoder]) network?.dispose();
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

function configOf({ from, name, checkpointsDir, given }: ImportOptions, notices: string[]): TrainConfig {
  const path = join(from, 'opt.txt');
  const stored = existsSync(path) ? readOptTxt(path, new Set(Object.keys(given))) : {};
  if (!existsSync(path))
    notices.push(`${from} has no opt.txt: options not given take NVIDIA's defaults, listed by pix2pixhd import --help`);
  const dataroot = officialDefaults.get('dataroot');
  // The public code gives every image the full range of 8 bits.
  const values = { inputRange: 'full', outputRange: 'full', outputDepth: '8' };
  const config = trainSchema.parse({ dataroot, ...values, ...stored, ...given, name, checkpointsDir });
  checkConsistency(config);
  return config;
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

const factsOf = { G: generatorFacts, D: discriminatorFacts, E: encoderFacts } as const;

/** `num_batches_tracked` of a fresh batch norm. */
const noBatches: TensorData = { dtype: 'int64', shape: [], bytes: new Uint8Array(8) };

/** The weights in an official folder. */
class OfficialFiles {
  readonly #folder: string;
  readonly #whichEpoch: string;
  readonly #config: TrainConfig;
  readonly #notices: string[];

  constructor(folder: string, whichEpoch: string, config: TrainConfig, notices: string[]) {
    this.#folder = folder;
    this.#whichEpoch = whichEpoch;
    this.#config = config;
    this.#notices = notices;
  }

  pathOf(letter: 'G' | 'D' | 'E'): string {
    return join(this.#folder, `${this.#whichEpoch}_net_${letter}.pth`);
  }

  /**
   * Copies a file's weights into a network; without a file, D and E keep their fresh weights.
   * @throws UserError if the file does not fit the network, or the generator has none.
   */
  fill(network: nn.Module, letter: 'G' | 'D' | 'E', what: string, inputChannels: number): void {
    const file = this.pathOf(letter);
    if (!existsSync(file)) {
      if (letter === 'G') throw this.#noGenerator(file);
      this.#notices.push(`there is no ${file}: the ${what} starts with fresh weights (seed ${this.#config.seed})`);
      return;
    }
    const state = this.#asOurs(readOfficial(file), letter, network, file);
    const own = network.stateDict();
    const found = shapesOf(state);
    const facts: ShapeFacts = factsOf[letter](found);
    checkFit({ file, what, found, expected: shapesOf(own), facts, inputChannels, config: this.#config });
    scope(() => network.loadStateDict(new Map([...state].map(([key, data]) => [key, fromData(data)]))));
  }

  /** The state dict with our keys: running statistics that our network does not use are dropped, missing counts added. */
  #asOurs(
    official: ReadonlyMap<string, TensorData>,
    letter: 'G' | 'D' | 'E',
    network: nn.Module,
    file: string,
  ): Map<string, TensorData> {
    const plain = withoutDataParallel(official);
    const state = letter === 'D' ? toGroupedDiscriminator(plain) : plain;
    const statistics = [...state.keys()].filter(isRunningStatistic);
    if (this.#config.norm === 'instance' && statistics.length > 0) {
      for (const key of statistics) state.delete(key);
      this.#notices.push(
        `${file}: ${statistics.length} running statistics are left out: PyTorch before 0.4 stored them for instance norm, which does not use them`,
      );
    }
    // Batch norm counts its batches since PyTorch 0.4; with a momentum the count is not used.
    for (const key of network.stateDict().keys()) {
      const mean = key.replace(/num_batches_tracked$/, 'running_mean');
      if (mean !== key && !state.has(key) && state.has(mean)) state.set(key, noBatches);
    }
    return state;
  }

  #noGenerator(file: string): UserError {
    return new UserError({
      code: 'FILE_NOT_FOUND',
      doing: 'importing an official checkpoint',
      where: file,
      found: existsSync(this.#folder) ? 'no such file' : `no folder ${this.#folder}`,
      expected: "the generator's weights",
      remedy: 'check --from, and give the epoch of the file with --which-epoch',
    });
  }
}

function shapesOf(state: ReadonlyMap<string, { readonly shape: readonly number[] }>): Shapes {
  return new Map([...state].map(([key, { shape }]) => [key, shape]));
}

function readOfficial(file: string): Map<string, TensorData> {
  try {
    return readStateDict(file);
  } catch (cause) {
    if (!(cause instanceof FileFormatError)) throw cause;
    throw new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing: 'reading the weights of an official checkpoint',
        where: file,
        found: cause.problem,
        expected: 'the state dict of a network, as written by torch.save; nothing in the file is executed',
        remedy: 'download or copy the file again; do not trust it if it holds more than tensors',
      },
      { cause },
    );
  }
}
