/**
 * TrainingSession: the state of one stage of a run while it trains: networks, optimisers, random states, position. Made
 * fresh, from a checkpoint, or from the stage before. Depends on the trainer, model and checkpoint; knows no clock and
 * prints nothing.
 */
import { ops, RandomGenerator, recordCudaGraph, scope, type Tensor } from '@pix2pixhd/torch';
import {
  type Checkpoint,
  type CheckpointState,
  type NetworkWeights,
  type RandomStates,
  saveCheckpoint,
  type TrainedParts,
} from '../checkpoint/checkpoint.js';
import { type Compute, placeNetwork } from '../compute/compute.js';
import { encodeCondition, encodeIds, encodeImage } from '../conditioning/encode.js';
import type { TrainConfig } from '../config/schema.js';
import { type Stage, stagesOf } from '../config/stages.js';
import type { Batch } from '../data/load/batch.js';
import { Random } from '../data/random.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { buildDiscriminator, buildEncoder, buildGenerator, usesBoundary } from '../networks/build.js';
import { LocalEnhancer } from '../networks/local-enhancer.js';
import { checkDiscriminators } from '../networks/sizes.js';
import { ExponentialMovingAverage } from './ema.js';
import { ImagePool } from './image-pool.js';
import { stageRate } from './schedule.js';
import type { StepInput } from './step.js';
import { Trainer } from './trainer.js';
import { UploadAhead } from './upload-ahead.js';
import { takeMoments, takeWeights, type WarmStart } from './warm-start.js';

/** Where a run stands: the next step to do. */
export interface Position {
  /** Steps done in all. */
  step: number;
  /** Steps of this stage that are done. */
  stageStep: number;
  /** Epoch of the next step, counted from 1 in every stage. */
  epoch: number;
  /** Batches of that epoch that are done. */
  batch: number;
}

/** The perceptual distance of a generated to a real image. */
export type Perceptual = (fake: Tensor, real: Tensor) => Tensor;

/** What a step gave. */
export interface StepResult {
  /** Before the update, by name. */
  readonly losses: Record<string, number>;
  /** Whether the weights were updated; not where a loss is not finite. */
  readonly applied: boolean;
}

/** A stage of a run in memory. */
export class TrainingSession {
  /** The options of the whole run; those of the stage are in {@link stage}. */
  readonly config: TrainConfig;
  readonly stage: Stage;
  readonly position: Position = { step: 0, stageStep: 0, epoch: 1, batch: 0 };
  readonly #compute: Compute;
  readonly #trainer: Trainer;
  readonly #ema: ExponentialMovingAverage | undefined;
  readonly #pool: ImagePool;
  readonly #ahead = new UploadAhead();
  readonly #random: RandomStates;
  #poolRandom: Random;
  #whole = true;

  /** @param perceptual the perceptual loss before its weight; left out where the run has none. */
  constructor(config: TrainConfig, compute: Compute, stage: Stage = stagesOf(config)[0]!, perceptual?: Perceptual) {
    const { config: own } = stage;
    this.config = config;
    this.stage = stage;
    this.#compute = compute;
    this.#poolRandom = new Random(config.seed);
    this.#random = new Map(
      [...new Set(['cpu', compute.device])].map(device => [device, RandomGenerator.default(device)]),
    );
    this.#pool = new ImagePool(config.poolSize, () => this.#poolRandom.uniform());
    const generator = placeNetwork(buildGenerator(own), compute);
    const encoder = buildEncoder(own);
    if (stage.frozen && generator instanceof LocalEnhancer) generator.freezeCoarser();
    this.#trainer = new Trainer(
      {
        generator,
        discriminator: placeNetwork(buildDiscriminator(own), compute),
        encoder: encoder && placeNetwork(encoder, compute),
      },
      this.#pool,
      {
        ganMode: config.ganMode,
        lambdaFeat: config.noGanFeatLoss ? 0 : config.lambdaFeat,
        lambdaL1: config.lambdaL1,
        lr: own.lr,
        betas: [config.beta1, config.beta2],
        separatePasses: config.norm === 'batch',
        checkpointing: config.checkpointing,
        ...(config.cudaGraphs && { recorder: work => recordCudaGraph(compute.device, work) }),
        ...(perceptual && {
          perceptual: (fake: Tensor, real: Tensor) => ops.mul(perceptual(fake, real), config.lambdaVgg),
        }),
      },
    );
    if (config.ema > 0) {
      const average = placeNetwork(buildGenerator(own), compute);
      this.#ema = new ExponentialMovingAverage(generator, average, config.ema);
    }
  }

  /** Continues where a checkpoint of this stage was saved. */
  restore(checkpoint: Checkpoint): void {
    const { step, stageStep, epoch, batch, poolRandom } = checkpoint.state;
    this.#whole = false;
    checkpoint.restore(this.#parts(), this.#random);
    this.#poolRandom = Random.fromState(poolRandom);
    this.#restorePool(checkpoint);
    Object.assign(this.position, { step, stageStep, epoch, batch });
    this.#whole = true;
  }

  /**
   * Goes back to the weights and moments of a checkpoint of this stage, and to its image pool, which may hold images of
   * the weights that no step survived; but not to its place in the data: done again, the same batches would end the same way.
   */
  rollBack(checkpoint: Checkpoint): void {
    this.#whole = false;
    checkpoint.restore(this.#parts(), new Map());
    this.#restorePool(checkpoint);
    this.#whole = true;
  }

  /**
   * Begins this stage with what an earlier one has learnt: the weights that fit, with their moments; the random states
   * and the number of steps go on.
   *
   * @returns what was taken and what is new, by network.
   */
  continueFrom(before: TrainingSession): WarmStart {
    const { networks, optimisers } = this.#trainer;
    const { networks: trained, optimisers: used } = before.#trainer;
    const taken = {
      G: takeWeights(networks.generator, trained.generator.stateDict()),
      D: takeWeights(networks.discriminator, trained.discriminator.stateDict()),
      ...(networks.encoder && trained.encoder && { E: takeWeights(networks.encoder, trained.encoder.stateDict()) }),
    };
    takeMoments(optimisers.generator, used.generator);
    takeMoments(optimisers.discriminator, used.discriminator);
    if (optimisers.encoder && used.encoder) takeMoments(optimisers.encoder, used.encoder);
    this.#ema?.restart();
    this.#poolRandom = Random.fromState(before.#poolRandom.state);
    Object.assign(this.position, { step: before.position.step });
    return taken;
  }

  /** Begins with the weights of a file, as far as they fit. @returns what was taken and what is new, by network. */
  beginWith({ G, D, E }: NetworkWeights): WarmStart {
    const { generator, discriminator, encoder } = this.#trainer.networks;
    const taken = {
      ...(G && { G: takeWeights(generator, G) }),
      ...(D && { D: takeWeights(discriminator, D) }),
      ...(E && encoder && { E: takeWeights(encoder, E) }),
    };
    this.#ema?.restart();
    return taken;
  }

  #parts(): TrainedParts {
    return { ...this.#trainer, average: this.#ema?.network };
  }

  #restorePool(checkpoint: Checkpoint): void {
    scope(() => this.#pool.loadState(checkpoint.pool().map(image => this.#placed(image))));
  }

  /** On the device and in the memory order that training gave it: another order would be computed with other rounding. */
  #placed(image: Tensor): Tensor {
    return ops.contiguous(ops.to(image, { device: this.#compute.device, dtype: image.dtype }), {
      memoryFormat: this.#compute.memory,
    });
  }

  /**
   * Trains on one batch, or on the mean over several, and moves on.
   * @param next what will be trained on after it, if that is known: a GPU gets it while it computes.
   * @throws UserError where the images are too small for so many discriminators. Whatever is thrown, {@link whole} tells
   * whether the state is still that before the step.
   */
  step(batches: readonly Batch[], batchesPerEpoch: number, next?: readonly Batch[]): StepResult {
    this.#trainer.learningRate = stageRate(this.stage, this.position);
    return scope(() => {
      const input = (batch: Batch) => this.#input(batch);
      const inputs = this.#ahead.take(batches) ?? batches.map(input);
      return this.#asAWhole(() => {
        const { losses, applied } = this.#trainer.step(inputs, () => {
          if (this.uploadsAhead && next !== undefined) this.#ahead.hold(next, input);
        });
        const values = Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, loss.item()]));
        this.#advance(batches.length, batchesPerEpoch);
        if (applied) this.#ema?.update(this.position.stageStep);
        return { losses: values, applied };
      });
    });
  }

  /**
   * Whether all that is in memory is the state after `position.step` steps. It is not where an error came once an update
   * had begun, or in a forward pass that moves running statistics or an image pool: then only a checkpoint can be gone on
   * from.
   */
  get whole(): boolean {
    return this.#whole;
  }

  /** Does a step. What an error leaves is taken back where it can be, else the state is not {@link whole} any more. */
  #asAWhole<T>(step: () => T): T {
    const { updates } = this.#trainer;
    const draws = [...this.#random.values()].map(generator => [generator, generator.getState()] as const);
    const takesBack = this.#pool.size === 0 && this.config.norm !== 'batch';
    this.#whole = false;
    try {
      const result = step();
      this.#whole = true;
      return result;
    } catch (error) {
      if (takesBack && this.#trainer.updates === updates) {
        for (const [generator, state] of draws) generator.setState(state);
        this.#whole = true;
      }
      throw error;
    }
  }

  /** Whether {@link step} makes use of the batches after those it trains on. */
  get uploadsAhead(): boolean {
    return this.#compute.device !== 'cpu';
  }

  #input(batch: Batch): StepInput {
    const { config } = this.stage;
    const { width, height, stems, label, instance, features, image } = batch;
    const images = stems.length;
    checkDiscriminators(config.numD, width, height);
    const ids = config.labelFeat ? label : instance;
    const exact = { ...this.#compute, dtype: 'float32' } as const;
    return {
      condition: encodeCondition({ ...batch, images }, config.labelNc, usesBoundary(config), this.#compute),
      // In float32: the L1 distance is to the image itself, the networks round what they see.
      real: encodeImage(image!, [images, config.outputNc, height, width], exact),
      features: features && encodeImage(features, [images, config.featNum, height, width], exact),
      instances: this.#trainer.networks.encoder && encodeIds(ids!, images, height, width, this.#compute.device),
    };
  }

  #advance(batches: number, batchesPerEpoch: number): void {
    this.position.step++;
    this.position.stageStep++;
    this.position.batch += batches;
    this.closeEpoch(batchesPerEpoch);
  }

  /** Goes on to the next epoch where this one has no batch left: after its last, or because the data set has shrunk. */
  closeEpoch(batchesPerEpoch: number): void {
    if (this.position.batch < batchesPerEpoch) return;
    this.position.batch = 0;
    this.position.epoch++;
  }

  /** Whether the stage has done all its steps or epochs. */
  get finished(): boolean {
    const { steps, config } = this.stage;
    const { stageStep, epoch } = this.position;
    return steps === null ? epoch > config.niter + config.niterDecay : stageStep >= steps;
  }

  /** The generator as it is now, averaged where an average is kept, for samples; it borrows the weights. */
  imageGenerator(): ImageGenerator {
    const { generator, encoder } = this.#trainer.networks;
    return new ImageGenerator(this.#ema?.current() ?? generator, this.stage.config, this.#compute, encoder);
  }

  /**
   * Writes everything to a file.
   * @param score see {@link CheckpointState}.
   * @throws Error where the state is not {@link whole}: it must not replace one that is.
   */
  save(path: string, score: number): void {
    if (!this.#whole) throw new Error(`the state in memory is not that after step ${this.position.step}`);
    const state: CheckpointState = {
      config: this.config,
      stage: this.stage.number,
      ...this.position,
      score,
      poolRandom: this.#poolRandom.state,
    };
    saveCheckpoint(path, this.#parts(), this.#random, this.#pool.state(), state);
  }

  /** Frees everything. */
  dispose(): void {
    this.#trainer.dispose();
    this.#ema?.dispose();
    this.#ahead.dispose();
    this.#pool.dispose();
  }
}
