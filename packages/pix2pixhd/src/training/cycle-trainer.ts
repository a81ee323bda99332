/**
 * CycleTrainer: one training step of CycleGAN (Zhu et al., 2017, section 3): two generators, between images of domain A and of
 * domain B, and a discriminator for each domain. Names and order are those of the public implementation. Knows no files. Depends on
 * networks, losses and torch.
 */
import { grad, type nn, ops, scope, type Tensor } from '@pix2pixhd/torch';
import type { TrainConfig } from '../config/schema.js';
import { discriminatorLoss, generatorLoss } from '../losses/adversarial.js';
import type { CycleNetworks } from '../networks/build.js';
import type { Discriminator } from '../networks/discriminator.js';
import type { DeviceBatch } from './device-batch.js';
import type { ImagePool } from './image-pool.js';
import { mapLosses, type StepGradients, type StepLosses, sumOfAll } from './step.js';
import { type AdamOptions, parameterGradients, StepTrainer } from './step-trainer.js';

/** The losses in the order in which they are logged. */
const lossNames = ['G_A', 'G_B', 'cycle_A', 'cycle_B', 'idt_A', 'idt_B', 'D_A', 'D_B'] as const;

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

  override gradients({ condition: realA, real: realB }: DeviceBatch): StepGradients<keyof CycleNetworks> {
    const { generatorA, generatorB, discriminatorA, discriminatorB } = this.networks;
    const { lambdaA, lambdaB } = this.#options;
    return scope(() => {
      // One domain after the other: the graphs of half the networks' passes are held at a time.
      const fromA = this.#direction('A', generatorA, generatorB, discriminatorA, realA, lambdaA);
      const fromB = this.#direction('B', generatorB, generatorA, discriminatorB, realB, lambdaB);
      const ofD = [
        this.#discriminate('D_A', discriminatorA, realB, this.#poolB.query(fromA.fake)),
        this.#discriminate('D_B', discriminatorB, realA, this.#poolA.query(fromB.fake)),
      ] as const;
      const all: StepLosses = { ...fromA.losses, ...fromB.losses, ...ofD[0].losses, ...ofD[1].losses };
      const losses = Object.fromEntries(lossNames.flatMap(name => (name in all ? [[name, all[name]!]] : [])));
      const gradients = {
        generatorA: summed(fromA.gradients[0], fromB.gradients[0]),
        generatorB: summed(fromA.gradients[1], fromB.gradients[1]),
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
      const seen = this.#rounded(real);
      const fake = there.forward(seen);
      const fakeSeen = this.#rounded(fake);
      const distance = (image: Tensor, factor: number) =>
        ops.mul(ops.l1Mean(image, ops.toDtype(real, image.dtype)), factor);
      const terms: Record<string, Tensor> = {
        [`G_${domain}`]: generatorLoss(ganMode, judge.predict(fakeSeen)),
        [`cycle_${domain}`]: distance(back.forward(fakeSeen), weight),
      };
      if (lambdaIdentity > 0)
        terms[domain === 'A' ? 'idt_B' : 'idt_A'] = distance(back.forward(seen), weight * lambdaIdentity);
      const loss = Object.values(terms).reduce((sum, term) => ops.add(sum, term));
      const { generatorA, generatorB } = this.networks;
      const [ofA, ofB] = parameterGradients([generatorA, generatorB], leaves => grad(loss, leaves));
      return { losses: mapLosses(terms, ops.detach), gradients: [ofA!, ofB!], fake: ops.detach(fakeSeen) };
    });
  }

  /** Images in the type that the networks compute in. */
  #rounded(image: Tensor): Tensor {
    return ops.toDtype(image, this.networks.generatorA.parameters()[0]!.compute.dtype);
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
      const ofReal = discriminatorLoss(ganMode, discriminator.predict(this.#rounded(real)), true);
      const ofFake = discriminatorLoss(ganMode, discriminator.predict(fake), false);
      const loss = ops.mul(ops.add(ofReal, ofFake), 0.5);
      const [gradients] = parameterGradients([discriminator], leaves => grad(loss, leaves));
      return { losses: mapLosses({ [name]: loss }, ops.detach), gradients: gradients! };
    });
  }
}

function summed(some: readonly (Tensor | null)[], others: readonly (Tensor | null)[]): (Tensor | null)[] {
  return some.map((gradient, i) => gradient && ops.add(gradient, others[i]!));
}

/** The gradient of a network's first weights, which all that is behind them flows into. */
function firstOf(gradients: readonly (Tensor | null)[]): Tensor[] {
  return gradients[0] ? [gradients[0]] : [];
}
