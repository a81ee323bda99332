/**
 * The terms of the generator's loss (section 3, equations 2 to 5) as a table, one row per term. To add a term: its
 * arithmetic in `losses/`, its weight in the options, a row here. Depends on losses and torch.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';
import type { TrainConfig } from '../config/schema.js';
import { generatorLoss } from '../losses/adversarial.js';
import { featureMatchingLoss } from '../losses/feature-matching.js';
import type { Predictions } from '../networks/discriminator.js';

/** The options that decide what is minimised. */
export type LossOptions = Pick<TrainConfig, 'ganMode' | 'noGanFeatLoss' | 'lambdaFeat' | 'lambdaVgg' | 'lambdaL1'>;

/** The perceptual distance between a generated and a real image, before its weight: a scalar. */
export type PerceptualDistance = (fake: Tensor, real: Tensor) => Tensor;

/** What a term may be computed from. */
export interface GeneratorOutputs {
  /** (N, C, H, W) in [-1, 1], the generated images; gradients flow into them. */
  readonly fake: Tensor;
  /** (N, C, H, W) in [-1, 1], the real images, in float32. */
  readonly real: Tensor;
  /** The discriminator's feature maps and predictions of the generated images. */
  readonly predFake: Predictions;
  /** The same of the real images. */
  readonly predReal: Predictions;
}

/** One term of the generator's loss. */
export interface LossTerm {
  /** Its name in `losses.jsonl`, on the run's page and in TensorBoard. */
  readonly name: string;
  readonly weight: number;
  /** A scalar, before the weight. */
  readonly compute: (outputs: GeneratorOutputs) => Tensor;
}

/** The terms that have a weight, in the order in which they are added up and logged. The first is always there. */
export function generatorLossTerms(options: LossOptions, perceptual?: PerceptualDistance): readonly LossTerm[] {
  const { ganMode, noGanFeatLoss, lambdaFeat, lambdaVgg, lambdaL1 } = options;
  const terms: LossTerm[] = [
    { name: 'G_GAN', weight: 1, compute: ({ predFake }) => generatorLoss(ganMode, predFake) },
    {
      name: 'G_GAN_Feat',
      weight: noGanFeatLoss ? 0 : lambdaFeat,
      compute: ({ predFake, predReal }) => featureMatchingLoss(predFake, predReal),
    },
    {
      name: 'G_VGG',
      weight: perceptual === undefined ? 0 : lambdaVgg,
      compute: ({ fake, real }) => perceptual!(fake, real),
    },
    {
      name: 'G_L1',
      weight: lambdaL1,
      compute: ({ fake, real }) => ops.l1Mean(fake, ops.toDtype(real, fake.dtype)),
    },
  ];
  return terms.filter(({ weight }) => weight > 0);
}

/** The weighted terms by name. */
export function computeTerms(terms: readonly LossTerm[], outputs: GeneratorOutputs): Map<string, Tensor> {
  const weighted = ({ weight, compute }: LossTerm) =>
    weight === 1 ? compute(outputs) : ops.mul(compute(outputs), weight);
  return new Map(terms.map(term => [term.name, weighted(term)]));
}
