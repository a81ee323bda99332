/**
 * Trainer: one training step of the paper, losses and optimisers only (section 3, equations 2 to 5). Knows no files, no
 * clock, no options. Depends on networks, losses and torch.
 */
import { grad, type nn, ops, optim, scope, type Tensor } from '@pix2pixhd/torch';
import { discriminatorLoss, type GanMode, generatorLoss } from '../losses/adversarial.js';
import { featureMatchingLoss } from '../losses/feature-matching.js';
import type { MultiscaleDiscriminator, Verdicts } from '../networks/multiscale-discriminator.js';
import type { ImagePool } from './image-pool.js';

/** What is minimised and how. */
export interface TrainerOptions {
  readonly ganMode: GanMode;
  /** Weight of feature matching; 0 leaves it out. */
  readonly lambdaFeat: number;
  /** Weight of the L1 distance between generated and real image (pix2pix); 0 leaves it out. */
  readonly lambdaL1: number;
  readonly lr: number;
  readonly betas: readonly [number, number];
  /**
   * The discriminator has batch norm, whose statistics every pass moves: it is run once more on the detached fake, as the
   * public implementation does. With instance norm one pass on the fake serves both losses.
   */
  readonly separatePasses: boolean;
}

/** The losses of a step, scalars still on the device, by the names users of pix2pixHD know. */
export type StepLosses = Record<'G_GAN' | 'D_real' | 'D_fake', Tensor> & Partial<Record<'G_GAN_Feat' | 'G_L1', Tensor>>;

/** A generator, its discriminator and their optimisers. */
export class Trainer {
  readonly generator: nn.Module;
  readonly discriminator: MultiscaleDiscriminator;
  readonly generatorOptimiser: optim.Adam;
  readonly discriminatorOptimiser: optim.Adam;
  readonly #options: TrainerOptions;
  readonly #pool: ImagePool;

  constructor(generator: nn.Module, discriminator: MultiscaleDiscriminator, pool: ImagePool, options: TrainerOptions) {
    this.generator = generator;
    this.discriminator = discriminator;
    this.#pool = pool;
    this.#options = options;
    const adam = { lr: options.lr, betas: options.betas };
    this.generatorOptimiser = new optim.Adam(generator.namedParameters(), adam);
    this.discriminatorOptimiser = new optim.Adam(discriminator.namedParameters(), adam);
  }

  /** Sets both learning rates. */
  set learningRate(lr: number) {
    this.generatorOptimiser.lr = lr;
    this.discriminatorOptimiser.lr = lr;
  }

  /**
   * One step: the generator is updated first, both with the gradients of the weights before the step.
   * @param condition (N, C, H, W), encoded.
   * @param real (N, C', H, W) in [-1, 1].
   * @returns the losses before the update, to be read and disposed of by the caller.
   */
  step(condition: Tensor, real: Tensor): StepLosses {
    return scope(() => {
      const { gradients, losses } = this.gradients(condition, real);
      this.generatorOptimiser.step(gradients.generator);
      this.discriminatorOptimiser.step(gradients.discriminator);
      return losses;
    });
  }

  /** The losses and gradients of a step without the update; null for weights that are frozen. */
  gradients(
    condition: Tensor,
    real: Tensor,
  ): { gradients: Record<'generator' | 'discriminator', (Tensor | null)[]>; losses: StepLosses } {
    return scope(() => {
      const fake = this.generator.forward(condition);
      // In a scope of its own, on a leaf in between: the discriminator's features and graph are freed before the
      // generator's backward pass needs memory.
      const { losses, towardsFake, discriminator } = scope(() => {
        const seen = ops.detach(fake);
        seen.requiresGrad = true;
        const { generatorTotal, discriminatorTotal, ...rest } = this.#losses(condition, real, seen);
        const [towardsSeen] = grad(generatorTotal, [seen], { retainGraph: true });
        const discriminator = gradientsOf(this.discriminator, discriminatorTotal, null);
        return { ...rest, towardsFake: towardsSeen!, discriminator };
      });
      const generator = gradientsOf(this.generator, fake, towardsFake);
      return { gradients: { generator, discriminator }, losses };
    });
  }

  #losses(condition: Tensor, real: Tensor, fake: Tensor) {
    const { ganMode, lambdaFeat, lambdaL1 } = this.#options;
    const { onPast, onReal, onFake } = this.#judgeAll(condition, real, fake);
    const fakeLoss = discriminatorLoss(ganMode, onPast, false);
    const realLoss = discriminatorLoss(ganMode, onReal, true);

    const terms: Partial<StepLosses> & Pick<StepLosses, 'G_GAN'> = { G_GAN: generatorLoss(ganMode, onFake) };
    if (lambdaFeat > 0) terms.G_GAN_Feat = ops.mul(featureMatchingLoss(onFake, onReal), lambdaFeat);
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
    const pair = (image: Tensor) => ops.cat([condition, ops.toDtype(image, condition.dtype)], 1);
    if (this.#options.separatePasses || this.#pool.size > 0) {
      // In the public implementation's order: it decides the running statistics of batch norm.
      const onPast = this.discriminator.judge(this.#pool.exchange(ops.detach(pair(fake))));
      const onReal = this.discriminator.judge(pair(real));
      return { onPast, onReal, onFake: this.discriminator.judge(pair(fake)) };
    }
    const onFake = this.discriminator.judge(pair(fake));
    return { onPast: onFake, onReal: this.discriminator.judge(pair(real)), onFake };
  }

  /** Frees networks and optimisers. */
  dispose(): void {
    this.generator.dispose();
    this.discriminator.dispose();
    this.generatorOptimiser.dispose();
    this.discriminatorOptimiser.dispose();
  }
}

/** Gradients of the trainable weights in the module's order; null for frozen ones. */
function gradientsOf(module: nn.Module, output: Tensor, seed: Tensor | null): (Tensor | null)[] {
  const parameters = module.parameters();
  const trainable = parameters.filter(parameter => parameter.trainable);
  if (trainable.length === 0) return parameters.map(() => null);
  const leaves = trainable.map(parameter => parameter.compute);
  const gradients = grad(output, leaves, seed === null ? {} : { seeds: [seed] });
  const byParameter = new Map(trainable.map((parameter, i) => [parameter, gradients[i]!]));
  return parameters.map(parameter => byParameter.get(parameter) ?? null);
}
