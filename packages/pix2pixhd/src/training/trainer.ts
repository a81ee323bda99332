/**
 * Trainer: one training step of the paper, losses and optimisers only (section 3, equations 2 to 5). Knows no files, no
 * clock, no options. Depends on networks, losses and torch.
 */
import { grad, nn, ops, optim, scope, type Tensor } from '@pix2pixhd/torch';
import { withFeatures } from '../input/encode.js';
import { discriminatorLoss, type GanMode, generatorLoss } from '../losses/adversarial.js';
import { featureMatchingLoss } from '../losses/feature-matching.js';
import type { FeatureEncoder } from '../networks/encoder.js';
import type { MultiscaleDiscriminator, Verdicts } from '../networks/multiscale-discriminator.js';
import type { ImagePool } from './image-pool.js';

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
}

/** The networks that are trained; with an encoder, the generator's input ends in its features. */
export interface TrainedNetworks {
  readonly generator: nn.SegmentedModule;
  readonly discriminator: MultiscaleDiscriminator;
  readonly encoder?: FeatureEncoder | undefined;
}

/** What a trainer has one of for each network. */
type NetworkName = keyof TrainedNetworks;

/** One batch on the device. */
export interface StepInput {
  /** (N, C, H, W), encoded, without features. */
  readonly condition: Tensor;
  /** (N, C', H, W) in [-1, 1]. */
  readonly real: Tensor;
  /** (N, 1, H, W) instance ids, which an encoder needs. */
  readonly instances?: Tensor | undefined;
  /** (N, C'', H, W) precomputed features, in place of those of an encoder. */
  readonly features?: Tensor | undefined;
}

/** The losses of a step, scalars still on the device, by the names users of pix2pixHD know. */
export type StepLosses = Record<'G_GAN' | 'D_real' | 'D_fake', Tensor> &
  Partial<Record<'G_GAN_Feat' | 'G_VGG' | 'G_L1', Tensor>>;

/** Losses and gradients by network, in the order of its parameters; null for weights that are frozen. */
export interface StepGradients {
  readonly losses: StepLosses;
  readonly gradients: Readonly<Record<NetworkName, readonly (Tensor | null)[]>>;
  /** A scalar that is finite exactly where all losses and the gradient towards the image are. */
  readonly soundness: Tensor;
}

/** A generator, its discriminator, perhaps an encoder, and their optimisers. */
export class Trainer {
  readonly networks: TrainedNetworks;
  readonly optimisers: Readonly<{ generator: optim.Adam; discriminator: optim.Adam; encoder?: optim.Adam }>;
  readonly #options: TrainerOptions;
  readonly #pool: ImagePool;

  constructor(networks: TrainedNetworks, pool: ImagePool, options: TrainerOptions) {
    this.networks = networks;
    this.#pool = pool;
    this.#options = options;
    const adam = (network: nn.Module) =>
      new optim.Adam(network.namedParameters(), { lr: options.lr, betas: options.betas });
    const { generator, discriminator, encoder } = networks;
    this.optimisers = {
      generator: adam(generator),
      discriminator: adam(discriminator),
      ...(encoder && { encoder: adam(encoder) }),
    };
  }

  /** Sets all learning rates. */
  set learningRate(lr: number) {
    for (const optimiser of Object.values(this.optimisers)) optimiser.lr = lr;
  }

  /**
   * One step on the mean of the gradients of one or more batches: all networks are updated with the gradients of the
   * weights before the step. Where a loss is not finite nothing is updated.
   *
   * @returns the mean losses before the update, to be read and disposed of by the caller, and whether there was one.
   */
  step(inputs: readonly StepInput[]): { losses: StepLosses; applied: boolean } {
    return scope(() => {
      const { gradients, losses, soundness } = this.#meanGradients(inputs);
      const applied = Number.isFinite(soundness.item());
      if (applied)
        for (const [name, optimiser] of Object.entries(this.optimisers)) optimiser.step(gradients[name as NetworkName]);
      return { losses, applied };
    });
  }

  #meanGradients(inputs: readonly StepInput[]): StepGradients {
    const [first, ...more] = inputs;
    const one = this.gradients(first!);
    if (more.length === 0) return one;
    // Sums of many small numbers in float32: bfloat16 would lose the last ones.
    const total = mapTensors(one, tensor => (tensor.dtype === 'bfloat16' ? ops.toDtype(tensor, 'float32') : tensor));
    const sums = tensorsOf(total);
    for (const input of more)
      scope(() => {
        for (const [i, term] of tensorsOf(this.gradients(input)).entries()) ops.addInPlace(sums[i]!, term);
      });
    for (const sum of sums) ops.mulInPlace(sum, 1 / inputs.length);
    return total;
  }

  /** The losses and gradients of one batch without the update. */
  gradients(input: StepInput): StepGradients {
    return scope(() => {
      const { condition, real } = input;
      const { generator, discriminator, encoder } = this.networks;
      const recomputation = this.#options.checkpointing ? new nn.Recomputation() : undefined;
      const fake = this.#generate(input, recomputation ?? nn.directly);
      // In a scope of its own, on a leaf in between: the discriminator's features and graph are freed before the
      // generator's backward pass needs memory.
      const { losses, towardsFake, onDiscriminator } = scope(() => {
        const seen = ops.detach(fake);
        seen.requiresGrad = true;
        const { generatorTotal, discriminatorTotal, ...rest } = this.#losses(condition, real, seen);
        const [towardsSeen] = grad(generatorTotal, [seen], { retainGraph: true });
        const [onDiscriminator] = gradientsOf([discriminator], leaves => grad(discriminatorTotal, leaves));
        return { ...rest, towardsFake: towardsSeen!, onDiscriminator: onDiscriminator! };
      });
      const [onGenerator, onEncoder] = gradientsOf(encoder ? [generator, encoder] : [generator], leaves =>
        recomputation === undefined
          ? grad(fake, leaves, { seeds: [towardsFake] })
          : recomputation.gradients(fake, towardsFake, leaves),
      );
      return {
        losses,
        gradients: { generator: onGenerator!, discriminator: onDiscriminator, encoder: onEncoder ?? [] },
        soundness: Object.values(losses).reduce(
          (sum, loss) => ops.add(sum, loss),
          ops.sum(ops.toDtype(towardsFake, losses.G_GAN.dtype)),
        ),
      };
    });
  }

  #generate({ condition, real, instances, features }: StepInput, runner: nn.SegmentRunner): Tensor {
    const { generator, encoder } = this.networks;
    const style = encoder === undefined ? features : encode(encoder, real, instances, condition.dtype, runner);
    // The discriminator reads it again.
    const shown = { tensor: condition, last: false };
    if (style === undefined) return generator.forwardBy(runner, shown);
    const join: nn.Segment = (one, other) => nn.readGiven(other, tensor => withFeatures(one.tensor, tensor));
    const styled = runner.run(join, shown, { tensor: style, last: encoder !== undefined });
    return generator.forwardBy(runner, { tensor: styled, last: true });
  }

  #losses(condition: Tensor, real: Tensor, fake: Tensor) {
    const { ganMode, lambdaFeat, lambdaL1, perceptual } = this.#options;
    const { onPast, onReal, onFake } = this.#judgeAll(condition, real, fake);
    const fakeLoss = discriminatorLoss(ganMode, onPast, false);
    const realLoss = discriminatorLoss(ganMode, onReal, true);

    const terms: Partial<StepLosses> & Pick<StepLosses, 'G_GAN'> = { G_GAN: generatorLoss(ganMode, onFake) };
    if (lambdaFeat > 0) terms.G_GAN_Feat = ops.mul(featureMatchingLoss(onFake, onReal), lambdaFeat);
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
  #judgeAll(condition: Tensor, real: Tensor, fake: Tensor): Record<'onPast' | 'onReal' | 'onFake', Verdicts> {
    const { discriminator } = this.networks;
    const pair = (image: Tensor) => ops.cat([condition, ops.toDtype(image, condition.dtype)], 1);
    if (this.#options.separatePasses || this.#pool.size > 0) {
      // In the public implementation's order: it decides the running statistics of batch norm.
      const onPast = discriminator.judge(this.#pool.exchange(ops.detach(pair(fake))));
      const onReal = discriminator.judge(pair(real));
      return { onPast, onReal, onFake: discriminator.judge(pair(fake)) };
    }
    const onFake = discriminator.judge(pair(fake));
    return { onPast: onFake, onReal: discriminator.judge(pair(real)), onFake };
  }

  /** Frees networks and optimisers. */
  dispose(): void {
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

/** Every tensor of a step's result through `change`. */
function mapTensors(
  { losses, gradients, soundness }: StepGradients,
  change: (tensor: Tensor) => Tensor,
): StepGradients {
  const each = (tensors: readonly (Tensor | null)[]) => tensors.map(tensor => tensor && change(tensor));
  return {
    losses: Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, change(loss)])) as StepLosses,
    gradients: {
      generator: each(gradients.generator),
      discriminator: each(gradients.discriminator),
      encoder: each(gradients.encoder),
    },
    soundness: change(soundness),
  };
}

/** Every tensor of a step's result, in an order that depends on the networks only. */
function tensorsOf(step: StepGradients): Tensor[] {
  const all: Tensor[] = [];
  mapTensors(step, tensor => {
    all.push(tensor);
    return tensor;
  });
  return all;
}
