/**
 * TrainingSession: the state of one run while it trains: networks, optimisers, random states, position. Made fresh or
 * from a checkpoint. Depends on the trainer, model and checkpoint; knows no clock and prints nothing.
 */
import { Generator, ops, scope, type Tensor } from '@pix2pixhd/torch';
import {
  type Checkpoint,
  type CheckpointState,
  type Generators,
  saveCheckpoint,
  type TrainedParts,
} from '../checkpoint/checkpoint.js';
import type { TrainConfig } from '../config/schema.js';
import type { Batch } from '../data/batch.js';
import { Random } from '../data/random.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { encodeCondition, encodeImage } from '../input/encode.js';
import { type Compute, placeNetwork } from '../model/compute.js';
import { buildDiscriminator, buildGenerator, usesBoundary } from '../model/networks.js';
import { checkDiscriminators } from '../model/sizes.js';
import { ImagePool } from './image-pool.js';
import { learningRate } from './schedule.js';
import { Trainer } from './trainer.js';
import { WeightAverage } from './weight-average.js';

/** Where a run stands: the next step to do. */
export interface Position {
  /** Steps done. */
  step: number;
  /** Epoch of the next step, counted from 1. */
  epoch: number;
  /** Batches of that epoch that are done. */
  batch: number;
}

/** A run in memory. */
export class TrainingSession {
  readonly config: TrainConfig;
  readonly position: Position = { step: 0, epoch: 1, batch: 0 };
  readonly #compute: Compute;
  readonly #trainer: Trainer;
  readonly #average: WeightAverage | undefined;
  readonly #pool: ImagePool;
  readonly #random: Generators;
  #poolRandom: Random;

  constructor(config: TrainConfig, compute: Compute) {
    this.config = config;
    this.#compute = compute;
    this.#poolRandom = new Random(config.seed);
    this.#random = new Map([...new Set(['cpu', compute.device])].map(device => [device, Generator.default(device)]));
    this.#pool = new ImagePool(config.poolSize, () => this.#poolRandom.uniform());
    this.#trainer = new Trainer(
      placeNetwork(buildGenerator(config), compute),
      placeNetwork(buildDiscriminator(config), compute),
      this.#pool,
      {
        ganMode: config.ganMode,
        lambdaFeat: config.noGanFeatLoss ? 0 : config.lambdaFeat,
        lambdaL1: config.lambdaL1,
        lr: config.lr,
        betas: [config.beta1, config.beta2],
        separatePasses: config.norm === 'batch',
      },
    );
    if (config.ema > 0) {
      const average = placeNetwork(buildGenerator(config), compute);
      this.#average = new WeightAverage(this.#trainer.generator, average, config.ema);
    }
  }

  /** Continues where a checkpoint was saved. */
  restore(checkpoint: Checkpoint): void {
    const { step, epoch, batch, poolRandom } = checkpoint.state;
    checkpoint.restore(this.#parts(), this.#random);
    this.#poolRandom = Random.fromState(poolRandom);
    scope(() => this.#pool.loadState(checkpoint.pool().map(image => this.#placed(image))));
    Object.assign(this.position, { step, epoch, batch });
  }

  #parts(): TrainedParts {
    const { generator, discriminator, generatorOptimiser, discriminatorOptimiser } = this.#trainer;
    return { generator, discriminator, generatorOptimiser, discriminatorOptimiser, average: this.#average?.network };
  }

  /** On the device and in the memory order that training gave it: another order would be computed with other rounding. */
  #placed(image: Tensor): Tensor {
    return ops.contiguous(ops.to(image, this.#compute.device, image.dtype), this.#compute.memory);
  }

  /**
   * Trains on one batch and moves on. @returns the losses before the update, by name.
   * @throws UserError where the pictures are too small for so many discriminators.
   */
  step(batch: Batch, batchesPerEpoch: number): Record<string, number> {
    const { labelNc, outputNc, numD } = this.config;
    const { width, height } = batch;
    checkDiscriminators(numD, width, height);
    this.#trainer.learningRate = learningRate(this.config, this.position.epoch);
    const condition = encodeCondition(
      { ...batch, images: batch.stems.length },
      labelNc,
      usesBoundary(this.config),
      this.#compute,
    );
    // In float32: the L1 distance is to the image itself, the discriminator rounds what it sees.
    const real = encodeImage(batch.image!, [batch.stems.length, outputNc, height, width], {
      ...this.#compute,
      dtype: 'float32',
    });
    try {
      const losses = readAndDispose(this.#trainer.step(condition, real));
      this.#advance(batchesPerEpoch);
      this.#average?.update(this.position.step);
      return losses;
    } finally {
      condition.dispose();
      real.dispose();
    }
  }

  #advance(batchesPerEpoch: number): void {
    this.position.step++;
    this.position.batch++;
    this.closeEpoch(batchesPerEpoch);
  }

  /** Goes on to the next epoch where this one has no batch left: after its last, or because the data set has shrunk. */
  closeEpoch(batchesPerEpoch: number): void {
    if (this.position.batch < batchesPerEpoch) return;
    this.position.batch = 0;
    this.position.epoch++;
  }

  /** The generator as it is now, averaged where an average is kept, for samples; it borrows the weights. */
  imageGenerator(): ImageGenerator {
    return new ImageGenerator(this.#average?.current() ?? this.#trainer.generator, this.config, this.#compute);
  }

  /** Writes everything to a file. @param score see {@link CheckpointState}. */
  save(path: string, score: number): void {
    const state: CheckpointState = {
      config: this.config,
      ...this.position,
      score,
      poolRandom: this.#poolRandom.state,
    };
    saveCheckpoint(path, this.#parts(), this.#random, this.#pool.state(), state);
  }

  /** Frees everything. */
  dispose(): void {
    this.#trainer.dispose();
    this.#average?.dispose();
    this.#pool.dispose();
  }
}

function readAndDispose(losses: Readonly<Record<string, Tensor>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(losses).map(([name, loss]) => {
      const value = loss.item();
      loss.dispose();
      return [name, value];
    }),
  );
}
