/**
 * TrainingSession: the state of one stage of a run while it trains: networks, optimisers, random states, position. New,
 * restored from a checkpoint, or started from the stage before. Depends on the trainer, compute and checkpoint; knows no
 * clock and prints nothing.
 */

import { type nn, ops, type optim, RandomGenerator, scope, type Tensor } from '@pix2pixhd/torch';
import {
  type Checkpoint,
  type CheckpointState,
  type NetworkWeights,
  type RandomStates,
  saveCheckpoint,
  type TrainedParts,
  type ValidationState,
} from '../checkpoint/checkpoint.js';
import { letterOf, type NetworkName } from '../checkpoint/network-names.js';
import type { Compute } from '../compute/choose-compute.js';
import { placeNetwork } from '../compute/place-network.js';
import { type Direction, directed } from '../config/direction.js';
import type { TrainConfig } from '../config/schema.js';
import { type Stage, stagesOf } from '../config/stages.js';
import type { TrainingBatch } from '../data/load/batch-source.js';
import { Random } from '../data/random.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { buildGenerator } from '../networks/build.js';
import { buildTrainer, type SessionTrainer } from './build-trainer.js';
import { type DeviceBatch, toDeviceBatch } from './device-batch.js';
import { ExponentialMovingAverage } from './ema.js';
import type { PerceptualDistance } from './generator-losses.js';
import { Position } from './position.js';
import { stageFinished, stageLearningRate } from './schedule.js';
import { UploadAhead } from './upload-ahead.js';
import { takeMoments, takeWeights, type WarmStart } from './warm-start.js';

/** The result of a step. */
export interface StepResult {
  /** Before the update, by name. */
  readonly losses: Record<string, number>;
  /** Whether the weights were updated: not where a loss or a gradient is not finite. */
  readonly applied: boolean;
}

/** A stage of a run in memory. */
export class TrainingSession {
  /** The options of the whole run, which checkpoints hold; those of the stage are in {@link stage}. */
  readonly config: TrainConfig;
  readonly stage: Stage;
  readonly position = new Position();
  readonly #compute: Compute;
  readonly #trainer: SessionTrainer;
  readonly #ema: ExponentialMovingAverage | undefined;
  readonly #ahead = new UploadAhead();
  readonly #random: RandomStates;
  #poolRandom: Random;
  #consistent = true;

  /** @param perceptual the perceptual distance; left out where the run has no such loss. */
  constructor(
    config: TrainConfig,
    compute: Compute,
    stage: Stage = stagesOf(config)[0]!,
    perceptual?: PerceptualDistance,
  ) {
    this.config = config;
    this.stage = stage;
    this.#compute = compute;
    this.#poolRandom = new Random(config.seed);
    this.#random = new Map(
      [...new Set(['cpu', compute.device])].map(device => [device, RandomGenerator.default(device)]),
    );
    this.#trainer = buildTrainer(stage, compute, () => this.#poolRandom.uniform(), perceptual);
    const { generator } = this.#trainer.networks;
    if (config.ema > 0 && generator !== undefined) {
      const average = placeNetwork(buildGenerator(stage.config), compute);
      this.#ema = new ExponentialMovingAverage(generator, average, config.ema);
    }
  }

  /** Continues from a checkpoint of this stage. */
  restore(checkpoint: Checkpoint): void {
    const { step, stageStep, epoch, batch, poolRandom } = checkpoint.state;
    this.#consistent = false;
    checkpoint.restore(this.#parts(), this.#random);
    this.#poolRandom = Random.fromState(poolRandom);
    this.#restorePools(checkpoint);
    Object.assign(this.position, { step, stageStep, epoch, batch });
    this.#consistent = true;
  }

  /**
   * Goes back to the weights, moments and image pool of a checkpoint of this stage (the pool may hold images of the bad
   * weights), but not to its position in the data: the same batches in the same order would fail in the same way.
   */
  rollBack(checkpoint: Checkpoint): void {
    this.#consistent = false;
    checkpoint.restore(this.#parts(), new Map());
    this.#restorePools(checkpoint);
    this.#consistent = true;
  }

  /**
   * Starts this stage from an earlier one: from the weights that fit, with their moments; the random states and the number
   * of steps continue.
   *
   * @returns what was taken and what is new, per network.
   */
  continueFrom(before: TrainingSession): WarmStart {
    const used = before.#trainer.optimisers;
    const taken = this.#takeWeights(name => before.#trainer.networks[name]?.stateDict());
    for (const [name, optimiser] of this.#optimisers()) {
      const earlier = used[name];
      if (earlier !== undefined) takeMoments(optimiser, earlier);
    }
    this.#ema?.reset();
    this.#poolRandom = Random.fromState(before.#poolRandom.state);
    this.position.step = before.position.step;
    return taken;
  }

  /** Starts from the weights of a file, as far as they fit. @returns what was taken and what is new, per network. */
  startFrom(weights: NetworkWeights): WarmStart {
    const taken = this.#takeWeights(name => weights[letterOf(name)]);
    this.#ema?.reset();
    return taken;
  }

  /** Copies what fits into every network that there are weights for. */
  #takeWeights(weightsOf: (name: NetworkName) => ReadonlyMap<string, Tensor> | undefined): WarmStart {
    const networks = Object.entries(this.#trainer.networks) as [NetworkName, nn.Module | undefined][];
    return Object.fromEntries(
      networks.flatMap(([name, network]) => {
        const weights = weightsOf(name);
        return network === undefined || weights === undefined
          ? []
          : [[letterOf(name), takeWeights(network, weights)] as const];
      }),
    );
  }

  #optimisers(): [NetworkName, optim.Adam][] {
    return Object.entries(this.#trainer.optimisers) as [NetworkName, optim.Adam][];
  }

  #parts(): TrainedParts {
    return { ...this.#trainer, average: this.#ema?.network };
  }

  #restorePools(checkpoint: Checkpoint): void {
    for (const [name, pool] of this.#trainer.pools)
      scope(() => pool.loadState(checkpoint.pool(name).map(image => this.#placed(image))));
  }

  /** On the device and in the memory order that training gave it: another order would be computed with other rounding. */
  #placed(image: Tensor): Tensor {
    return ops.contiguous(ops.to(image, { device: this.#compute.device, dtype: image.dtype }), {
      memoryFormat: this.#compute.memory,
    });
  }

  /**
   * Trains on one batch, or on the mean over several, and moves on.
   * @param next the batches of the step after this one, if they are known: a GPU receives them while it computes.
   * @throws UserError where the images are too small for so many discriminators. After any error {@link consistent} says
   * whether the state is still that before the step.
   */
  step(batches: readonly TrainingBatch[], batchesPerEpoch: number, next?: readonly TrainingBatch[]): StepResult {
    this.#trainer.learningRate = stageLearningRate(this.stage, this.position);
    return scope(() => {
      const upload = (batch: TrainingBatch) => this.#upload(batch);
      const uploaded = this.#ahead.take(batches) ?? batches.map(upload);
      return this.#undoingOnError(() => {
        const { losses, applied } = this.#trainer.step(uploaded, () => {
          if (this.uploadsAhead && next !== undefined) this.#ahead.hold(next, upload);
        });
        const values = Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, loss.item()]));
        this.position.advance(batches.length, batchesPerEpoch);
        if (applied) this.#ema?.update(this.position.stageStep);
        return { losses: values, applied };
      });
    });
  }

  /**
   * Whether everything in memory is the state after `position.step` steps. It is not after an error once an update had
   * begun, or in a forward pass that changes running statistics or an image pool: then training can only go on from a
   * checkpoint.
   */
  get consistent(): boolean {
    return this.#consistent;
  }

  /** Does a step. After an error its random draws are undone if nothing else has changed, else the state is not {@link consistent} any more. */
  #undoingOnError<T>(step: () => T): T {
    const { updates } = this.#trainer;
    const states = [...this.#random.values()].map(generator => [generator, generator.getState()] as const);
    const drawsOnly = this.config.poolSize === 0 && this.config.norm !== 'batch';
    this.#consistent = false;
    try {
      const result = step();
      this.#consistent = true;
      return result;
    } catch (error) {
      if (drawsOnly && this.#trainer.updates === updates) {
        for (const [generator, state] of states) generator.setState(state);
        this.#consistent = true;
      }
      throw error;
    }
  }

  /** Whether {@link step} makes use of the batches of the step after it. */
  get uploadsAhead(): boolean {
    return this.#compute.device !== 'cpu';
  }

  #upload(batch: TrainingBatch): DeviceBatch {
    return toDeviceBatch(batch, this.stage.config, this.#compute, this.#trainer.networks.encoder !== undefined);
  }

  /** Whether the stage has done all its steps or epochs. */
  get finished(): boolean {
    return stageFinished(this.stage, this.position);
  }

  /** The generator of a direction as it is now, its EMA where there is one, for samples; it borrows the weights. */
  imageGenerator(direction: Direction = 'AtoB'): ImageGenerator {
    const { generator, generatorA, generatorB, encoder } = this.#trainer.networks;
    const network = this.#ema?.current() ?? generator ?? (direction === 'AtoB' ? generatorA! : generatorB!);
    return new ImageGenerator(network, directed(this.stage.config, direction), this.#compute, encoder);
  }

  /**
   * Writes everything to a file.
   * @param score and `validation`: see {@link CheckpointState}.
   * @throws Error where the state is not {@link consistent}: it must not replace one that is.
   */
  save(path: string, score: number, validation?: ValidationState): void {
    if (!this.#consistent) throw new Error(`the state in memory is not that after step ${this.position.step}`);
    const state: CheckpointState = {
      config: this.config,
      stage: this.stage.number,
      ...this.position,
      score,
      validation,
      poolRandom: this.#poolRandom.state,
    };
    const pools = new Map([...this.#trainer.pools].map(([name, pool]) => [name, pool.state()]));
    saveCheckpoint(path, this.#parts(), this.#random, pools, state);
  }

  /** Frees everything. */
  dispose(): void {
    this.#trainer.dispose();
    this.#ema?.dispose();
    this.#ahead.dispose();
    for (const pool of this.#trainer.pools.values()) pool.dispose();
  }
}
