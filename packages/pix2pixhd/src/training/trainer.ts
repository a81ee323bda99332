/**
 * Trainer: one training step of the paper (section 3, equations 2 to 5): losses, gradients, and Adam for every network. Knows
 * no files, no clock, no command line. Depends on networks, losses and torch.
 */
import { grad, nn, ops, optim, scope, type Tensor } from '@pix2pixhd/torch';
import { appendStyleFeatures } from '../conditioning/tensors.js';
import { discriminatorLoss } from '../losses/adversarial.js';
import type { FeatureEncoder } from '../networks/encoder.js';
import type { MultiscaleDiscriminator, Predictions } from '../networks/multiscale-discriminator.js';
import type { DeviceBatch } from './device-batch.js';
import {
  computeTerms,
  generatorLossTerms,
  type LossOptions,
  type LossTerm,
  type PerceptualDistance,
} from './generator-losses.js';
import type { ImagePool } from './image-pool.js';
import { RecordedStep, type Recorder } from './recorded-step.js';
import { mapLosses, mapTensors, type StepGradients, type StepLosses, tensorsOf, toCpu } from './step.js';

/** What is minimised and how. */
export interface TrainerOptions extends LossOptions {
  /** The perceptual distance; left out where the run has no such loss. */
  readonly perceptual?: PerceptualDistance | undefined;
  readonly lr: number;
  readonly betas: readonly [number, number];
  /**
   * The discriminator has batch norm, whose running statistics change with every forward pass: it runs once more on the
   * detached fake, as in the public implementation. With instance norm one pass on the fake serves both losses.
   */
  readonly separatePasses: boolean;
  /**
   * Gradient checkpointing of generator and encoder: keep only what lies between their segments, and run a second forward
   * pass per segment for its gradients. Not with dropout.
   */
  readonly checkpointing: boolean;
  /**
   * Records the gradients of a step once and replays them, where the device can. Not with an image pool, which draws on the
   * CPU, nor with an encoder, whose number of objects varies.
   */
  readonly recorder?: Recorder | undefined;
}

/** The networks that are trained; with an encoder, the generator's input ends in its style features. */
export interface TrainedNetworks {
  readonly generator: nn.SegmentedModule;
  readonly discriminator: MultiscaleDiscriminator;
  readonly encoder?: FeatureEncoder | undefined;
}

/** The discriminator's outputs in a step. */
interface StepPredictions {
  /** Of the detached fake, or of an earlier one from the image pool: for the discriminator's loss. */
  readonly predFakeDetached: Predictions;
  readonly predReal: Predictions;
  /** Of the fake: for the generator's loss. */
  readonly predFake: Predictions;
}

/** A generator, its discriminator, an optional encoder, and their optimisers. */
export class Trainer {
  readonly networks: TrainedNetworks;
  readonly optimisers: Readonly<{ generator: optim.Adam; discriminator: optim.Adam; encoder?: optim.Adam }>;
  readonly #options: TrainerOptions;
  readonly #terms: readonly LossTerm[];
  readonly #pool: ImagePool;
  readonly #recorded: RecordedStep | undefined;
  #updates = 0;

  constructor(networks: TrainedNetworks, pool: ImagePool, options: TrainerOptions) {
    this.networks = networks;
    this.#pool = pool;
    this.#options = options;
    this.#terms = generatorLossTerms(options, options.perceptual);
    if (options.recorder !== undefined) {
      if (pool.size > 0 || networks.encoder !== undefined)
        throw new TypeError('Trainer: a step with an image pool or an encoder cannot be recorded');
      this.#recorded = new RecordedStep(batch => this.gradients(batch), options.recorder);
    }
    const adam = (network: nn.Module) =>
      new optim.Adam(network.namedParameters(), { lr: options.lr, betas: options.betas });
    const { generator, discriminator, encoder } = networks;
    this.optimisers = {
      generator: adam(generator),
      discriminator: adam(discriminator),
      ...(encoder && { encoder: adam(encoder) }),
    };
  }

  /** Updates begun so far: one that failed may have changed some of the weights and moments. */
  get updates(): number {
    return this.#updates;
  }

  /** Sets all learning rates. */
  set learningRate(lr: number) {
    for (const optimiser of Object.values(this.optimisers)) optimiser.lr = lr;
  }

  /**
   * One step on the mean of the gradients of one or more batches: every network is updated with the gradients of the
   * weights before the step. Where a loss is not finite nothing is updated.
   *
   * @param meanwhile is called once the gradients are queued: what it does is hidden behind a device that computes.
   * @returns the mean losses before the update, to be read and disposed of by the caller, and whether there was an update.
   */
  step(batches: readonly DeviceBatch[], meanwhile?: () => void): { losses: StepLosses; applied: boolean } {
    return scope(() => {
      const result = this.meanGradients(batches);
      meanwhile?.();
      // The one place where the CPU waits for the device.
      const { losses, finite } = toCpu(result);
      const applied = Number.isFinite(finite.item());
      if (applied) {
        this.#updates++;
        for (const [name, optimiser] of Object.entries(this.optimisers))
          optimiser.step(result.gradients[name as keyof TrainedNetworks]);
      }
      return { losses, applied };
    });
  }

  /** The mean losses and gradients of one or more batches, without the update. */
  meanGradients([first, ...others]: readonly DeviceBatch[]): StepGradients {
    const ofFirst = this.#recordedGradients(first!);
    if (others.length === 0) return ofFirst;
    // Sums of many small numbers in float32: bfloat16 would lose the last ones.
    const mean = mapTensors(ofFirst, tensor => {
      if (tensor.dtype === 'bfloat16') return ops.toDtype(tensor, 'float32');
      return this.#recorded === undefined ? tensor : ops.clone(tensor);
    });
    const sums = tensorsOf(mean);
    for (const batch of others)
      scope(() => {
        for (const [i, tensor] of tensorsOf(this.#recordedGradients(batch)).entries()) ops.addInPlace(sums[i]!, tensor);
      });
    for (const sum of sums) ops.mulInPlace(sum, 1 / (1 + others.length));
    return mean;
  }

  /** {@link gradients}, replayed where they are recorded: the next call then overwrites them. */
  #recordedGradients(batch: DeviceBatch): StepGradients {
    return this.#recorded === undefined ? this.gradients(batch) : this.#recorded.run(batch);
  }

  /** The losses and gradients of one batch, without the update. */
  gradients(batch: DeviceBatch): StepGradients {
    return scope(() => {
      const { generator, discriminator, encoder } = this.networks;
      const checkpointing = this.#options.checkpointing ? new nn.GradientCheckpointing() : undefined;
      const fake = this.#generate(batch, checkpointing ?? nn.directRunner);
      // From a leaf, in a scope of its own: the discriminator's feature maps and graph are freed before the generator's
      // backward pass needs memory.
      const { losses, gradFake, gradD } = scope(() => {
        const fakeLeaf = ops.detach(fake);
        fakeLeaf.requiresGrad = true;
        const { losses, lossG, lossD } = this.#losses(batch, fakeLeaf);
        const [gradFake] = grad(lossG, [fakeLeaf], { retainGraph: true });
        const [gradD] = parameterGradients([discriminator], leaves => grad(lossD, leaves));
        return { losses, gradFake: gradFake!, gradD: gradD! };
      });
      const [gradG, gradE] = parameterGradients(encoder ? [generator, encoder] : [generator], leaves =>
        checkpointing === undefined
          ? grad(fake, leaves, { seeds: [gradFake] })
          : checkpointing.gradients(fake, gradFake, leaves),
      );
      return {
        losses,
        gradients: { generator: gradG!, discriminator: gradD, encoder: gradE ?? [] },
        finite: Object.values(losses).reduce(
          (sum, loss) => ops.add(sum, loss),
          ops.sum(ops.toDtype(gradFake, losses.G_GAN.dtype)),
        ),
      };
    });
  }

  /** The generated images, (N, C', H, W). */
  #generate({ condition, real, instances, features }: DeviceBatch, runner: nn.SegmentRunner): Tensor {
    const { generator, encoder } = this.networks;
    const style = encoder === undefined ? features : encode(encoder, real, instances, condition.dtype, runner);
    // The discriminator reads it again.
    const conditionInput = { tensor: condition, lastUse: false };
    if (style === undefined) return generator.forwardBy(runner, conditionInput);
    const join: nn.Segment = (one, other) => nn.consume(other, tensor => appendStyleFeatures(one.tensor, tensor));
    const joined = runner.run(join, conditionInput, { tensor: style, lastUse: encoder !== undefined });
    return generator.forwardBy(runner, { tensor: joined, lastUse: true });
  }

  /** The loss of the generator and of the discriminator, and all their terms by name, detached. */
  #losses({ condition, real }: DeviceBatch, fake: Tensor): { losses: StepLosses; lossG: Tensor; lossD: Tensor } {
    const { ganMode } = this.#options;
    const { predFakeDetached, predReal, predFake } = this.#predict(condition, real, fake);
    const lossDFake = discriminatorLoss(ganMode, predFakeDetached, false);
    const lossDReal = discriminatorLoss(ganMode, predReal, true);
    const terms = computeTerms(this.#terms, { fake, real, predFake, predReal });
    const losses = { ...Object.fromEntries(terms), D_real: lossDReal, D_fake: lossDFake };
    return {
      losses: mapLosses(losses as StepLosses, ops.detach),
      lossG: [...terms.values()].reduce((sum, term) => ops.add(sum, term)),
      lossD: ops.mul(ops.add(lossDFake, lossDReal), 0.5),
    };
  }

  #predict(condition: Tensor, real: Tensor, fake: Tensor): StepPredictions {
    const { discriminator } = this.networks;
    const pair = (image: Tensor) => ops.cat([condition, ops.toDtype(image, condition.dtype)], 1);
    if (this.#options.separatePasses || this.#pool.size > 0) {
      // In the public implementation's order: it decides the running statistics of batch norm.
      const predFakeDetached = discriminator.predict(this.#pool.query(ops.detach(pair(fake))));
      const predReal = discriminator.predict(pair(real));
      return { predFakeDetached, predReal, predFake: discriminator.predict(pair(fake)) };
    }
    const predFake = discriminator.predict(pair(fake));
    return { predFakeDetached: predFake, predReal: discriminator.predict(pair(real)), predFake };
  }

  /** Frees networks and optimisers. */
  dispose(): void {
    this.#recorded?.dispose();
    for (const network of Object.values(this.networks)) network?.dispose();
    for (const optimiser of Object.values(this.optimisers)) optimiser.dispose();
  }
}

function encode(
  encoder: FeatureEncoder,
  real: Tensor,
  instances: Tensor | undefined,
  dtype: Tensor['dtype'],
  runner: nn.SegmentRunner,
): Tensor {
  if (instances === undefined) throw new TypeError('Trainer: an encoder needs the instance ids of the batch');
  return encoder.encode(ops.toDtype(real, dtype), instances, runner);
}

/**
 * The gradients of the trainable weights of some modules, per module in the order of its parameters; null for frozen ones.
 * @param differentiate returns the gradients of leaves.
 */
function parameterGradients(
  modules: readonly nn.Module[],
  differentiate: (leaves: readonly Tensor[]) => (Tensor | null)[],
): (Tensor | null)[][] {
  const parameters = modules.map(module => module.parameters());
  const trainable = parameters.flat().filter(parameter => parameter.trainable);
  if (trainable.length === 0) return parameters.map(own => own.map(() => null));
  const gradients = differentiate(trainable.map(parameter => parameter.compute));
  const byParameter = new Map(trainable.map((parameter, i) => [parameter, gradients[i]!]));
  return parameters.map(own => own.map(parameter => byParameter.get(parameter) ?? null));
}
