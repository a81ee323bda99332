/**
 * The training of a segmenter from its first epoch, or from where it was interrupted, to its last. Depends on data, compute, the trainer
 * and the file. What happens is reported to hooks.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RandomGenerator, scope, type TensorData, tensor } from '@pix2pixhd/torch';
import type { Compute } from '../../compute/choose-compute.js';
import { placeNetwork } from '../../compute/place-network.js';
import type { SegmenterConfig } from '../../config/commands/train-segmenter.js';
import type { Sample } from '../../data/find/pairs.js';
import { parseLabelMap } from '../../data/labels/mapping.js';
import { Loader } from '../../data/load/loader.js';
import type { SampleSpec } from '../../data/load/sample.js';
import { Random } from '../../data/random.js';
import { UserError } from '../../errors.js';
import { type EpochScores, type SegmenterContent, type SegmenterState, writeSegmenter } from '../segmenter-file.js';
import { buildSegmenter, transformOf } from '../trained-segmenter.js';
import { classWeights, countClasses } from './class-weights.js';
import { scoreHeldOut, splitHeldOut } from './held-out.js';
import { ignoredLabel, tensorsOf } from './labelled-tensors.js';
import { SegmenterTrainer, weightsOf } from './trainer.js';
import { zoomed } from './zoom.js';

/** A segmenter to be trained. */
export interface SegmenterTraining {
  readonly config: SegmenterConfig;
  /** The file that it is saved to. */
  readonly path: string;
  readonly samples: readonly Sample[];
  readonly compute: Compute;
  /** What an interrupted training has saved. */
  readonly resumed?: SegmenterContent;
}

/** How far a training is. */
export interface TrainingProgress {
  /** From 1. */
  readonly epoch: number;
  readonly step: number;
  readonly totalSteps: number;
  /** Mean over the epoch so far; NaN before the first step with a loss. */
  readonly loss: number;
}

/** What a training reports, and how it is stopped. */
export interface SegmenterHooks {
  readonly onStep?: (progress: TrainingProgress) => void;
  /** Called when an epoch is scored and saved. */
  readonly onEpoch?: (scores: EpochScores, isBest: boolean) => void;
  readonly onNotice?: (notice: string) => void;
  /** Saves and ends after the step at hand. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a segmenter, and saves it after each epoch and at the end. What is saved in the middle of an epoch goes on with the same
 * steps, bit by bit on the same number of threads.
 *
 * @returns what its file says; `finished` where it was not stopped.
 * @throws UserError naming a file that cannot be used, or where the loss is no longer finite.
 */
export async function trainSegmenter(training: SegmenterTraining, hooks: SegmenterHooks = {}): Promise<SegmenterState> {
  const { samples, config, resumed } = training;
  const pairs = splitHeldOut(samples, config.heldOut, config.seed);
  const state = resumed?.state ?? (await firstState(config, samples.length, pairs.training));
  await using run = new SegmenterRun(training, pairs, state, hooks);
  await run.train();
  return state;
}

/** Before the first step. */
async function firstState(
  config: SegmenterConfig,
  pairs: number,
  training: readonly Sample[],
): Promise<SegmenterState> {
  return {
    ...{ config, pairs, epoch: 0, batch: 0, updates: 0, loss: { sum: 0, steps: 0 } },
    ...{ finished: false, history: [], best: null },
    classWeights: classWeights(await countClasses(training, config), config.classWeights),
  };
}

/** Of the random numbers that the data module does not draw. */
const zoomStream = 3;

/** One training; its state is what its file says. */
class SegmenterRun implements AsyncDisposable {
  readonly #training: SegmenterTraining;
  readonly #heldOut: readonly Sample[];
  readonly #state: SegmenterState;
  readonly #hooks: SegmenterHooks;
  readonly #spec: SampleSpec;
  readonly #trainer: SegmenterTrainer;
  readonly #loader: Loader;
  #best: ReadonlyMap<string, TensorData>;

  constructor(
    training: SegmenterTraining,
    { training: pairs, heldOut }: ReturnType<typeof splitHeldOut>,
    state: SegmenterState,
    hooks: SegmenterHooks,
  ) {
    const { config, compute, resumed } = training;
    this.#training = training;
    this.#heldOut = heldOut;
    this.#state = state;
    this.#hooks = hooks;
    this.#spec = specOf(config);
    this.#trainer = new SegmenterTrainer(
      placeNetwork(buildSegmenter(config, new RandomGenerator(config.seed)), compute),
      {
        lr: config.lr,
        classWeights: tensor(state.classWeights, [config.labelNc], { dtype: 'float32', device: compute.device }),
        ignored: ignoredLabel(config.labelNc),
      },
    );
    if (resumed !== undefined) this.#trainer.restore(resumed.tensors, state.updates);
    this.#best = new Map([...(resumed?.tensors ?? [])].filter(([name]) => name.startsWith('best.')));
    this.#loader = new Loader({
      samples: pairs,
      spec: this.#spec,
      batchSize: config.batchSize,
      seed: config.seed,
      workers: config.workers,
      epochs: config.epochs + 1,
      ...(hooks.onNotice && { onNotice: hooks.onNotice }),
    });
  }

  /** Trains to the last epoch, or until it is stopped; saves in both cases. */
  async train(): Promise<void> {
    while (this.#state.epoch < this.#training.config.epochs) {
      await this.#steps();
      if (!(await this.#score())) {
        this.#save();
        return;
      }
    }
  }

  /** The steps of the epoch at hand that are still to be done. */
  async #steps(): Promise<void> {
    const state = this.#state;
    const { batchesPerEpoch } = this.#loader;
    const totalSteps = this.#training.config.epochs * batchesPerEpoch;
    for (; state.batch < batchesPerEpoch && !this.#hooks.signal?.aborted; state.batch++) {
      const step = state.epoch * batchesPerEpoch + state.batch;
      const loss = await this.#step(step / totalSteps);
      if (loss !== null) state.loss = { sum: state.loss.sum + loss, steps: state.loss.steps + 1 };
      const mean = state.loss.sum / state.loss.steps;
      this.#hooks.onStep?.({ epoch: state.epoch + 1, step: step + 1, totalSteps, loss: mean });
      // Batches that are ready come without a turn of the event loop, in which alone Ctrl-C is seen.
      await nextTurn();
    }
  }

  async #step(progress: number): Promise<number | null> {
    const { config, compute, path } = this.#training;
    const { epoch, batch } = this.#state;
    const loaded = await this.#loader.batch(epoch + 1, batch);
    const random = new Random(zoomStream, config.seed, epoch + 1, batch);
    const loss = scope(() =>
      this.#trainer.step(
        zoomed(tensorsOf(loaded, compute), config.zoom, ignoredLabel(config.labelNc), random),
        progress,
      ),
    );
    if (loss !== null && !Number.isFinite(loss)) throw diverged(path, loss);
    return loss;
  }

  /** Ends the epoch: scores, keeps the weights where they are the best, saves. False where it was stopped before. */
  async #score(): Promise<boolean> {
    const { compute, config } = this.#training;
    const { signal, onEpoch } = this.#hooks;
    const { network } = this.#trainer;
    const scores = signal?.aborted
      ? undefined
      : await scoreHeldOut(network, this.#heldOut, this.#spec, compute, signal);
    if (scores === undefined) return false;
    const state = this.#state;
    const epoch = state.epoch + 1;
    const loss = state.loss.sum / Math.max(1, state.loss.steps);
    // Held-out maps may have no pixel with a class.
    const entry = { epoch, loss, pixelAccuracy: scores.pixelAccuracy || 0, meanIou: scores.meanIou || 0 };
    state.history.push(entry);
    const isBest = state.best === null || entry.meanIou > state.best.meanIou;
    if (isBest) {
      state.best = entry;
      this.#best = weightsOf(network, 'best.');
    }
    Object.assign(state, { epoch, batch: 0, loss: { sum: 0, steps: 0 }, finished: epoch === config.epochs });
    this.#save();
    onEpoch?.(entry, isBest);
    return true;
  }

  #save(): void {
    const state = this.#state;
    state.updates = this.#trainer.updates;
    const rest = state.finished ? [] : this.#trainer.toTensors();
    writeSegmenter(this.#training.path, new Map([...this.#best, ...rest]), state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loader.close();
    this.#trainer[Symbol.dispose]();
  }
}

/** The form of the samples: sides that the network can halve. */
function specOf(config: SegmenterConfig): SampleSpec {
  return {
    transform: transformOf(config, 2 ** config.levels),
    labelNc: config.labelNc,
    labelMap: parseLabelMap(config.labelMap),
    sourceChannels: 0,
    imageChannels: config.outputNc,
    alpha: 'drop',
  };
}

function diverged(path: string, loss: number): UserError {
  return new UserError({
    code: 'TRAINING_DIVERGED',
    doing: 'training a segmenter',
    where: path,
    found: `a loss of ${loss}`,
    expected: 'a finite loss',
    remedy: 'start again with a lower --lr, or with --precision fp32 and --force',
  });
}
