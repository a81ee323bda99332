/**
 * Trainer: one training step of the paper, losses and optimisers only (section 3, equations 2 to 5). Knows no files, no
 * clock, no options. Depends on networks, losses and torch.
 */
import { grad, nn, ops, optim, scope, type Tensor } from '@pix2pixhd/torch';
import { withFeatures } from '../conditioning/encode.js';
import { discriminatorLoss, type GanMode, generatorLoss } from '../losses/adversarial.js';
import { featureMatchingLoss } from '../losses/feature-matching.js';
import type { FeatureEncoder } from '../networks/encoder.js';
import type { MultiscaleDiscriminator, Predictions } from '../networks/multiscale-discriminator.js';
import type { ImagePool } from './image-pool.js';
import { RecordedStep, type Recorder } from './recorded-step.js';
import { mapTensors, type StepGradients, type StepInput, type StepLosses, tensorsOf, toCpu } from './step.js';

/** What is minimised and how. */
export interface TrainerOptions {
  readonly ganMode: GanMode;
  /** Weight of feature matching; 0 leaves it out. */
  readonly lambdaFeat: number;
  /** Weight of the L1 distance between generated and real image (pix2pix); 0 leaves it out. */
  readonly lambdaL1: number;
  /** The perceptual distance of a generated to a real image, weighted; left out where there is none. */
  readonly perceptual?: (fake: Tensor, real: Tensor) => Tensor;
  readonly lr: number;
  readonly betas: readonly [number, number];
  /**
   * The discriminator has batch norm, whose statistics every pass moves: it is run once more on the detached fake, as the
   * public implementation does. With instance norm one pass on the fake serves both losses.
   */
  readonly separatePasses: boolean;
  /**
   * Keep of generator and encoder only what lies between their segments, and run each segment again for the gradients:
   * less memory for another forward pass. Not with dropout.
   */
  readonly checkpointing: boolean;
  /**
   * Records the gradients of a step once and replays them, where the device can. Not with an image pool, whose choices are
   * the CPU's, nor with an encoder, whose number of objects is not fixed.
   */
  readonly recorder?: Recorder | undefined;
}

/** The networks that are trained; with an encoder, the generator's input ends in its features. */
export interface TrainedNetworks {
  readonly generator: nn.SegmentedModule;
  readonly discriminator: MultiscaleDiscriminator;
  readonly encoder?: FeatureEncoder | undefined;
}

/** A generator, its discriminator, perhaps an encoder, and their optimisers. */
export class Trainer {
  readonly networks: TrainedNetworks;
  readonly optimisers: Readonly<{ generator: optim.Adam; discriminator: optim.Adam; encoder?: optim.Adam }>;
  readonly #options: TrainerOptions;
  readonly #pool: ImagePool;
  readonly #recorded: RecordedStep | undefined;
  #updates = 0;

  constructor(networks: TrainedNetworks, pool: ImagePool, options: TrainerOptions) {
    this.networks = networks;
    this.#pool = pool;
    this.#options = options;
    if (options.recorder !== undefined) {
      if (pool.size > 0 || networks.encoder !== undefined)
        throw new TypeError('Trainer: a step with an image pool or an encoder cannot be recorded');
      this.#recorded = new RecordedStep(input => this.gradients(input), options.recorder);
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

  /** Updates that were begun: one that an error ends may have changed some of the weights and moments. */
  get updates(): number {
    return this.#updates;
  }

  /** Sets all learning rates. */
  set learningRate(lr: number) {
    for (const optimiser of Object.values(this.optimisers)) optimiser.lr = lr;
  }

  /**
   * One step on the mean of the gradients of one or more batches: all networks are updated with the gradients of the
   * weights before the step. Where a loss is not finite nothing is updated.
   *
   * @param meanwhile is called once the gradients are under way: what it does costs no time where a device computes them.
   * @returns the mean losses before the update, to be read and disposed of by the caller, and whether there was one.
   */
  step(inputs: readonly StepInput[], meanwhile?: () => void): { losses: StepLosses; applied: boolean } {
    return scope(() => {
      const result = this.#meanGradients(inputs);
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

  #meanGradients(inputs: readonly StepInput[]): StepGradients {
    const [first, ...more] = inputs;
    const one = this.#gradientsOf(first!);
    if (more.length === 0) return one;
    // Sums of many small numbers in float32: bfloat16 would lose the last ones.
    const total = mapTensors(one, tensor => {
      if (tensor.dtype === 'bfloat16') return ops.toDtype(tensor, 'float32');
      return this.#recorded === undefined ? tensor : ops.clone(tensor);
    });
    const sums = tensorsOf(total);
    for (const input of more)
      scope(() => {
        for (const [i, term] of tensorsOf(this.#gradientsOf(input)).entries()) ops.addInPlace(sums[i]!, term);
      });
    for (const sum of sums) ops.mulInPlace(sum, 1 / inputs.length);
    return total;
  }

  /** {@link gradients}, replayed where they are recorded: then the next call overwrites them. */
  #gradientsOf(input: StepInput): StepGradients {
    return this.#recorded === undefined ? this.gradients(input) : this.#recorded.run(input);
  }

  /** The losses and gradients of one batch without the update. */
  gradients(input: StepInput): StepGradients {
    return scope(() => {
      const { condition, real } = input;
      const { generator, discriminator, encoder } = this.networks;
      const checkpointed = this.#options.checkpointing ? new nn.GradientCheckpointing() : undefined;
      const fake = this.#generate(input, checkpointed ?? nn.directRunner);
      // In a scope of its own, on a leaf in between: the discriminator's features and graph are freed before the
      // generator's backward pass needs memory.
      const { losses, gradFake, gradsD } = scope(() => {
        const seen = ops.detach(fake);
        seen.requiresGrad = true;
        const { generatorTotal, discriminatorTotal, ...rest } = this.#losses(condition, real, seen);
        const [gradSeen] = grad(generatorTotal, [seen], { retainGraph: true });
        const [gradsD] = gradientsOf([discriminator], leaves => grad(discriminatorTotal, leaves));
        return { ...rest, gradFake: gradSeen!, gradsD: gradsD! };
      });
      const [gradsG, gradsE] = gradientsOf(encoder ? [generator, encoder] : [generator], leaves =>
        checkpointed === undefined
          ? grad(fake, leaves, { seeds: [gradFake] })
          : checkpointed.gradients(fake, gradFake, leaves),
      );
      return {
        losses,
        gradients: { generator: gradsG!, discriminator: gradsD, encoder: gradsE ?? [] },
        finite: Object.values(losses).reduce(
          (sum, loss) => ops.add(sum, loss),
          ops.sum(ops.toDtype(gradFake, losses.G_GAN.dtype)),
        ),
      };
    });
  }

  #generate({ condition, real, instances, features }: StepInput, runner: nn.SegmentRunner): Tensor {
    const { generator, encoder } = this.networks;
    const style = encoder === undefined ? features : encode(encoder, real, instances, condition.dtype, runner);
    // The discriminator reads it again.
    const shown = { tensor: condition, lastUse: false };
    if (style === undefined) return generator.forwardBy(runner, shown);
    const join: nn.Segment = (one, other) => nn.consume(other, tensor => withFeatures(one.tensor, tensor));
    const styled = runner.run(join, shown, { tensor: style, lastUse: encoder !== undefined });
    return generator.forwardBy(runner, { tensor: styled, lastUse: true });
  }

  #losses(condition: Tensor, real: Tensor, fake: Tensor) {
    const { ganMode, lambdaFeat, lambdaL1, perceptual } = this.#options;
    const { predFakeDetached, predReal, predFake } = this.#predictAll(condition, real, fake);
    const fakeLoss = discriminatorLoss(ganMode, predFakeDetached, false);
    const realLoss = discriminatorLoss(ganMode, predReal, true);

    const terms: Partial<StepLosses> & Pick<StepLosses, 'G_GAN'> = { G_GAN: generatorLoss(ganMode, predFake) };
    if (lambdaFeat > 0) terms.G_GAN_Feat = ops.mul(featureMatchingLoss(predFake, predReal), lambdaFeat);
    if (perceptual !== undefined) terms.G_VGG = perceptual(fake, real);
    if (lambdaL1 > 0) terms.G_L1 = ops.mul(ops.l1Mean(fake, ops.toDtype(real, fake.dtype)), lambdaL1);
    const losses: StepLosses = { ...terms, D_real: realLoss, D_fake: fakeLoss };
    return {
      losses: Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, ops.detach(loss)])) as StepLosses,
      generatorTotal: Object.values(terms).reduce((sum, term) => ops.add(sum, term)),
      discriminatorTotal: ops.mul(ops.add(fakeLoss, realLoss), 0.5),
    };
  }

  /** What the discriminator says of what it is to call fake, of the real image, and of the fake as the generator's judge. */
  #predictAll(
    condition: Tensor,
    real: Tensor,
    fake: Tensor,
  ): Record<'predFakeDetached' | 'predReal' | 'predFake', Predictions> {
    const { discriminator } = this.networks;
    const pair = (image: Tensor) => ops.cat([condition, ops.toDtype(image, condition.dtype)], 1);
    if (this.#options.separatePasses || this.#pool.size > 0) {
      // In the public implementation's order: it decides the running statistics of batch norm.
      const predFakeDetached = discriminator.predict(this.#pool.exchange(ops.detach(pair(fake))));
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
 * Gradients of the modules' trainable weights, module by module in their order; null for frozen ones.
 * @param differentiate gives the gradients of leaves.
 */
function gradientsOf(
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
