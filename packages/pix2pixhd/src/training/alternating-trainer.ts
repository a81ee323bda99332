/**
 * AlternatingTrainer: one training step of pix2pix (Isola et al., 2017, section 3.3) as its public implementation has it: first
 * the discriminator is updated, then the generator against the updated discriminator. Knows no files. Depends on networks, losses
 * and torch.
 */
import { grad, type nn, ops, scope, type Tensor } from '@pix2pixhd/torch';
import { discriminatorLoss } from '../losses/adversarial.js';
import type { Discriminator } from '../networks/discriminator.js';
import type { DeviceBatch } from './device-batch.js';
import { computeTerms, generatorLossTerms, type LossTerm } from './generator-losses.js';
import type { ImagePool } from './image-pool.js';
import { mapLosses, type StepGradients, sumOfAll, toCpu } from './step.js';
import { parameterGradients, type StepOutcome, StepTrainer } from './step-trainer.js';
import type { TrainerOptions } from './trainer.js';

/** The networks that are trained. */
export interface AlternatingNetworks {
  readonly generator: nn.SegmentedModule;
  readonly discriminator: Discriminator;
}

/** A generator and its discriminator, which take turns. There is no feature matching. */
export class AlternatingTrainer extends StepTrainer<AlternatingNetworks> {
  override readonly pools: ReadonlyMap<string, ImagePool>;
  readonly #pool: ImagePool;
  readonly #ganMode: TrainerOptions['ganMode'];
  readonly #terms: readonly LossTerm[];

  constructor(
    networks: AlternatingNetworks,
    pool: ImagePool,
    options: Omit<TrainerOptions, 'separatePasses' | 'checkpointing' | 'recorder' | 'noGanFeatLoss' | 'lambdaFeat'>,
  ) {
    super(networks, options);
    this.#pool = pool;
    this.pools = new Map([['pool', pool]]);
    this.#ganMode = options.ganMode;
    this.#terms = generatorLossTerms({ ...options, noGanFeatLoss: true, lambdaFeat: 0 }, options.perceptual);
  }

  /**
   * A step on one batch. Where the discriminator's part is not finite nothing is updated; where only the generator's is not,
   * which finite weights and images hardly leave room for, the discriminator alone has been.
   *
   * @throws TypeError for more than one batch: the generator's part can only begin when the discriminator is updated.
   */
  override step([batch, ...others]: readonly DeviceBatch[], meanwhile?: () => void): StepOutcome {
    if (others.length > 0) throw new TypeError('AlternatingTrainer: a step takes one batch');
    return scope(() => {
      const fake = this.networks.generator.forward(batch!.condition);
      const ofD = toCpuWith(this.#discriminatorPart(batch!, fake));
      if (ofD.isFinite) this.update(ofD.gradients);
      const ofG = toCpuWith(this.#generatorPart(batch!, fake));
      meanwhile?.();
      const applied = ofD.isFinite && ofG.isFinite;
      if (applied) this.update(ofG.gradients);
      return { losses: { ...ofG.losses, ...ofD.losses }, applied };
    });
  }

  /** Both parts by the same weights: what a step takes of memory. */
  override gradients(batch: DeviceBatch): StepGradients<keyof AlternatingNetworks> {
    return scope(() => {
      const fake = this.networks.generator.forward(batch.condition);
      const ofD = this.#discriminatorPart(batch, fake);
      const ofG = this.#generatorPart(batch, fake);
      return {
        losses: { ...ofG.losses, ...ofD.losses },
        gradients: { ...ofG.gradients, ...ofD.gradients },
        finite: ops.add(ofG.finite, ofD.finite),
      };
    });
  }

  #discriminatorPart({ condition, real }: DeviceBatch, fake: Tensor): StepGradients<'discriminator'> {
    const { discriminator } = this.networks;
    return scope(() => {
      // The fake first: the order decides the running statistics of batch norm.
      const predFake = discriminator.predict(this.#pool.query(pair(condition, ops.detach(fake))));
      const predReal = discriminator.predict(pair(condition, real));
      const lossFake = discriminatorLoss(this.#ganMode, predFake, false);
      const lossReal = discriminatorLoss(this.#ganMode, predReal, true);
      const lossD = ops.mul(ops.add(lossFake, lossReal), 0.5);
      const [gradD] = parameterGradients([discriminator], leaves => grad(lossD, leaves));
      const losses = mapLosses({ D_real: lossReal, D_fake: lossFake }, ops.detach);
      return { losses, gradients: { discriminator: gradD! }, finite: sumOfAll(losses, ...present(gradD!)) };
    });
  }

  #generatorPart({ condition, real }: DeviceBatch, fake: Tensor): StepGradients<'generator'> {
    const { generator, discriminator } = this.networks;
    return scope(() => {
      // By a leaf, in a scope of its own: the discriminator's graph is freed before the generator's backward pass.
      const { losses, gradFake } = scope(() => {
        const leaf = ops.detach(fake);
        leaf.requiresGrad = true;
        const predFake = discriminator.predict(pair(condition, leaf));
        const terms = computeTerms(this.#terms, { fake: leaf, real, predFake, predReal: [] });
        const lossG = [...terms.values()].reduce((sum, term) => ops.add(sum, term));
        const [gradFake] = grad(lossG, [leaf]);
        return { losses: mapLosses(Object.fromEntries(terms), ops.detach), gradFake: gradFake! };
      });
      const [gradG] = parameterGradients([generator], leaves => grad(fake, leaves, { seeds: [gradFake] }));
      return { losses, gradients: { generator: gradG! }, finite: sumOfAll(losses, gradFake) };
    });
  }
}

/** What the discriminator sees: the image beside its condition. */
function pair(condition: Tensor, image: Tensor): Tensor {
  return ops.cat([condition, ops.toDtype(image, condition.dtype)], 1);
}

function present(gradients: readonly (Tensor | null)[]): Tensor[] {
  return gradients.filter(gradient => gradient !== null);
}

function toCpuWith<Name extends string>(part: StepGradients<Name>) {
  const { losses, finite } = toCpu(part);
  return { losses, isFinite: Number.isFinite(finite.item()), gradients: part.gradients };
}
