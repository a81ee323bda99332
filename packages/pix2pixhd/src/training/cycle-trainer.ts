/**
 * CycleTrainer: one training step of CycleGAN (Zhu et al., 2017, section 3): two generators, between images of domain A and of
 * domain B, and a discriminator for each domain. Names and order are those of the public implementation. Knows no files. Depends on
 * networks, losses and torch.
 */
import { grad, type nn, ops, scope, type Tensor } from '@pix2pixhd/torch';
import type { TrainConfig } from '../config/schema.js';
import { discriminatorLoss, generatorLoss } from '../losses/adversarial.js';
import type { Discriminator } from '../networks/discriminator.js';
import type { DeviceBatch } from './device-batch.js';
import type { ImagePool } from './image-pool.js';
import { mapLosses, type StepGradients, type StepLosses, sumOfAll } from './step.js';
import { type AdamOptions, parameterGradients, StepTrainer } from './step-trainer.js';

/** The networks that are trained. */
export interface CycleNetworks {
  /** From domain A to domain B. */
  readonly generatorA: nn.SegmentedModule;
  /** From domain B to domain A. */
  readonly generatorB: nn.SegmentedModule;
  /** Judges images of domain B, those that generator A makes among them. */
  readonly discriminatorA: Discriminator;
  /** Judges images of domain A. */
  readonly discriminatorB: Discriminator;
}

/** What is minimised and how. */
export type CycleOptions = AdamOptions & Pick<TrainConfig, 'ganMode' | 'lambdaA' | 'lambdaB' | 'lambdaIdentity'>;

/** Gradients of the generators, in the order of their parameters. */
type GeneratorGradients = readonly [a: (Tensor | null)[], b: (Tensor | null)[]];

/** What the generators are told by the images of one domain. */
interface Told {
  readonly losses: StepLosses;
  readonly gradients: GeneratorGradients;
  /** The images made of them, detached. */
  readonly fake: Tensor;
}

/**
 * Two generators and their discriminators. A batch's `condition` are images of domain A, its `real` images of domain B, which need
 * not belong together, nor be as many or as large.
 */
export class CycleTrainer extends StepTrainer<CycleNetworks> {
  override readonly pools: ReadonlyMap<string, ImagePool>;
  readonly #options: CycleOptions;
  readonly #poolA: ImagePool;
  readonly #poolB: ImagePool;

  /** @param newPool makes a pool of earlier fakes; there is one for each domain. */
  constructor(networks: CycleNetworks, newPool: () => ImagePool, options: CycleOptions) {
    super(networks, options);
    this.#options = options;
    this.#poolA = newPool();
    this.#poolB = newPool();
    this.pools = new Map([
      ['poolA', this.#poolA],
      ['poolB', this.#poolB],
    ]);
  }

  override gradients({ condition: realA, real }: DeviceBatch): StepGradients<keyof CycleNetworks> {
    const { generatorA, generatorB, discriminatorA, discriminatorB } = this.networks;
    const { lambdaA, lambdaB } = this.#options;
    return scope(() => {
      const realB = ops.toDtype(real, realA.dtype);
      // One domain after the other: the graphs of half the networks' passes are held at a time.
      const fromA = this.#direction('A', generatorA, generatorB, discriminatorA, realA, lambdaA);
      const fromB = this.#direction('B', generatorB, generatorA, discriminatorB, realB, lambdaB);
      const ofD = [
        this.#discriminate('D_A', discriminatorA, realB, this.#poolB.query(fromA.fake)),
        this.#discriminate('D_B', discriminatorB, realA, this.#poolA.query(fromB.fake)),
      ] as const;
      const losses = { ...fromA.losses, ...fromB.losses, ...ofD[0].losses, ...ofD[1].losses };
      const [generatorGradientsA, generatorGradientsB] = [0, 1].map(which =>
        fromA.gradients[which]!.map((gradient, i) => gradient && ops.add(gradient, fromB.gradients[which]![i]!)),
      );
      const gradients = {
        generatorA: generatorGradientsA!,
        generatorB: generatorGradientsB!,
        discriminatorA: ofD[0].gradients,
        discriminatorB: ofD[1].gradients,
      };
      return { losses, gradients, finite: sumOfAll(losses, ...Object.values(gradients).flatMap(firstOf)) };
    });
  }

  /**
   * What images of one domain tell both generators: by the discriminator of the other domain, by the way there and back, and by
   * the generator that should leave them as they are.
   *
   * @param there makes images of the other domain from them, `back` the reverse.
   */
  #direction(
    domain: 'A' | 'B',
    there: nn.SegmentedModule,
    back: nn.SegmentedModule,
    judge: Discriminator,
    real: Tensor,
    weight: number,
  ): Told {
    const { ganMode, lambdaIdentity } = this.#options;
    return scope(() => {
      const fake = there.forward(real);
      const distance = (image: Tensor, factor: number) => ops.mul(ops.l1Mean(image, real), factor);
      const terms: Record<string, Tensor> = {
        [`G_${domain}`]: generatorLoss(ganMode, judge.predict(fake)),
        [`cycle_${domain}`]: distance(back.forward(fake), weight),
      };
      if (lambdaIdentity > 0)
        terms[domain === 'A' ? 'idt_B' : 'idt_A'] = distance(back.forward(real), weight * lambdaIdentity);
      const loss = Object.values(terms).reduce((sum, term) => ops.add(sum, term));
      const { generatorA, generatorB } = this.networks;
      const [ofA, ofB] = parameterGradients([generatorA, generatorB], leaves => grad(loss, leaves));
      return { losses: mapLosses(terms, ops.detach), gradients: [ofA!, ofB!], fake: ops.detach(fake) };
    });
  }

  /** The loss and the gradients of a discriminator. */
  #discriminate(
    name: string,
    discriminator: Discriminator,
    real: Tensor,
    fake: Tensor,
  ): { readonly losses: StepLosses; readonly gradients: (Tensor | null)[] } {
    const { ganMode } = this.#options;
    return scope(() => {
      const ofReal = discriminatorLoss(ganMode, discriminator.predict(real), true);
      const ofFake = discriminatorLoss(ganMode, discriminator.predict(fake), false);
      const loss = ops.mul(ops.add(ofReal, ofFake), 0.5);
      const [gradients] = parameterGradients([discriminator], leaves => grad(loss, leaves));
      return { losses: mapLosses({ [name]: loss }, ops.detach), gradients: gradients! };
    });
  }
}

/** The gradient of a network's first weights, which all that is behind them flows into. */
function firstOf(gradients: readonly (Tensor | null)[]): Tensor[] {
  return gradients[0] ? [gradients[0]] : [];
}
