/**
 * Small networks, weights by formula and losses as numbers, for the tests of the training step. Depends on torch, networks
 * and the trainer.
 */
import type { TestContext } from 'node:test';
import { type DType, type nn, ops, optim, RandomGenerator, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import { trainSchema } from '../../src/config/schema.js';
import {
  FeatureEncoder,
  GlobalGenerator,
  initWeights,
  MultiscaleDiscriminator,
  type NormKind,
} from '../../src/networks/index.js';
import type { DeviceBatch } from '../../src/training/device-batch.js';
import { ImagePool } from '../../src/training/image-pool.js';
import type { StepLosses } from '../../src/training/step.js';
import { Trainer, type TrainerOptions } from '../../src/training/trainer.js';

/** Makes Adam fail at the n-th call from now on: two calls per step, the generator's and the discriminator's. */
export function failingAdam(t: TestContext, call: number): void {
  const real = optim.Adam.prototype.step;
  let calls = 0;
  t.mock.method(optim.Adam.prototype, 'step', function (this: optim.Adam, ...args: Parameters<typeof real>) {
    if (++calls === call) throw new Error('injected: out of memory');
    return real.apply(this, args);
  });
}

/** The losses as numbers by name; frees the tensors. */
export function lossValues(losses: StepLosses): Record<string, number> {
  return Object.fromEntries(
    Object.entries(losses).map(([name, loss]) => {
      const value = loss.item();
      loss.dispose();
      return [name, value];
    }),
  );
}

/** Condition channels of {@link smallNetworks}: five classes and the boundary. */
export const conditionChannels = 6;

/** A generator (ngf 4, 2 downsamplings, 1 block) and a discriminator (ndf 4, 3 layers, 2 scales). */
export function smallNetworks(norm: NormKind): { generator: GlobalGenerator; discriminator: MultiscaleDiscriminator } {
  return {
    generator: new GlobalGenerator({
      inputChannels: conditionChannels,
      outputChannels: 3,
      ngf: 4,
      downsamplings: 2,
      blocks: 1,
      norm,
      upsample: 'transpose',
    }),
    discriminator: new MultiscaleDiscriminator({
      inputChannels: conditionChannels + 3,
      ndf: 4,
      layers: 3,
      scales: 2,
      norm,
      features: true,
      sigmoid: false,
    }),
  };
}

/** The paper's settings: the defaults of the options. A perceptual distance, where a test gives one, counts as it is. */
export const paperOptions: TrainerOptions = {
  ...trainSchema.parse({ dataroot: 'data', name: 'run' }),
  lambdaVgg: 1,
  betas: [0.5, 0.999],
  separatePasses: false,
};

/** A trainer of {@link smallNetworks} with the paper's initial weights of one seed. */
export function smallTrainer(norm: NormKind, options: Partial<TrainerOptions> = {}): Trainer {
  const { generator, discriminator } = smallNetworks(norm);
  const draws = new RandomGenerator(71);
  initWeights(generator, draws);
  initWeights(discriminator, draws);
  return new Trainer({ generator, discriminator }, new ImagePool(0, Math.random), { ...paperOptions, ...options });
}

/** Feature channels of {@link styledTrainer}. */
const featureChannels = 3;

/** As {@link smallTrainer} with instance norm, and an encoder (nef 2, 1 downsampling) whose features the generator sees. */
export function styledTrainer(options: Partial<TrainerOptions> = {}): Trainer {
  const { discriminator } = smallNetworks('instance');
  const generator = new GlobalGenerator({
    inputChannels: conditionChannels + featureChannels,
    outputChannels: 3,
    ngf: 4,
    downsamplings: 2,
    blocks: 1,
    norm: 'instance',
    upsample: 'transpose',
  });
  const encoder = new FeatureEncoder({
    inputChannels: 3,
    outputChannels: featureChannels,
    nef: 2,
    downsamplings: 1,
    norm: 'instance',
  });
  const draws = new RandomGenerator(73);
  for (const network of [generator, discriminator, encoder]) initWeights(network, draws);
  const pool = new ImagePool(0, Math.random);
  return new Trainer({ generator, discriminator, encoder }, pool, { ...paperOptions, ...options });
}

/** One image of 16 by 16, uniform in [-1, 1], with three instances in stripes. */
export function styledBatch(seed: number): DeviceBatch {
  const draws = new RandomGenerator(seed);
  return scope(() => {
    const uniform = (channels: number) =>
      ops.uniformInPlace(ops.empty([1, channels, 16, 16], { dtype: 'float32' }), -1, 1, { generator: draws });
    const ids = Int32Array.from({ length: 256 }, (_, i) => 26000 + Math.floor((i % 16) / 6));
    return { condition: uniform(conditionChannels), real: uniform(3), instances: tensor(ids, [1, 1, 16, 16]) };
  });
}

/** A batch of two, uniform in [-1, 1]. */
export function randomBatch(
  height: number,
  width: number,
  dtype: DType = 'float32',
): { condition: Tensor; real: Tensor } {
  const draws = new RandomGenerator(72);
  return scope(() => {
    const uniform = (channels: number) =>
      ops.toDtype(
        ops.uniformInPlace(ops.empty([2, channels, height, width], { dtype: 'float32' }), -1, 1, { generator: draws }),
        dtype,
      );
    return { condition: uniform(conditionChannels), real: uniform(3) };
  });
}

/**
 * Weights by formula in the order of the parameters, float64: what make_training_reference.py fills in.
 * @param salt tells the networks apart.
 */
export function fillByFormula(network: nn.Module, salt: number): void {
  let k = 0;
  for (const [name, parameter] of network.namedParameters()) {
    const { shape, numel } = parameter.value;
    const value = (i: number) => {
      if (shape.length === 4) return 0.1 * Math.sin(1.7 * i + k + salt);
      if (name.endsWith('bias')) return 0.02 * Math.cos(1.3 * i + k + salt);
      return 1 + 0.1 * Math.sin(2.1 * i + k + salt);
    };
    const values = Float64Array.from({ length: numel }, (_, i) => Math.fround(value(i)));
    scope(() => parameter.assign(tensor(values, shape)));
    k++;
  }
}
