/**
 * Trainer: one training step of the paper (section 3, equations 2 to 5): losses, gradients, and Adam for every network. Knows
 * no files, no clock, no command line. Depends on networks, losses and torch.
 */
import { grad, nn, ops, scope, type Tensor } from '@pix2pixhd/torch';
import { appendStyleFeatures } from '../conditioning/tensors.js';
import { discriminatorLoss } from '../losses/adversarial.js';
import type { Discriminator, Predictions } from '../networks/discriminator.js';
import type { FeatureEncoder } from '../networks/encoder.js';
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
import { mapLosses, type StepGradients, type StepLosses, sumOfAll } from './step.js';
import { type AdamOptions, parameterGradients, StepTrainer } from './step-trainer.js';

/** What is minimised and how. */
export interface TrainerOptions extends LossOptions, AdamOptions {
  /** The perceptual distance; left out where the run has no such loss. */
  readonly perceptual?: PerceptualDistance | undefined;
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
  readonly discriminator: Discriminator;
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
export class Trainer extends StepTrainer<TrainedNetworks> {
  override readonly pools: ReadonlyMap<string, ImagePool>;
  readonly #options: TrainerOptions;
  readonly #terms: readonly LossTerm[];
  readonly #pool: ImagePool;
  readonly #recorded: RecordedStep | undefined;

  constructor(networks: TrainedNetworks, pool: ImagePool, options: TrainerOptions) {
    super(networks, options);
    this.#pool = pool;
    this.pools = new Map([['pool', pool]]);
    this.#options = options;
    this.#terms = generatorLossTerms(options, options.perceptual);
    if (options.recorder !== undefined) {
      if (pool.size > 0 || networks.encoder !== undefined)
        throw new TypeError('Trainer: a step with an image pool or an encoder cannot be recorded');
      this.#recorded = new RecordedStep(batch => this.gradients(batch), options.recorder);
    }
  }

  /** Replayed where steps are recorded. */
  protected override queued(batch: DeviceBatch): StepGradients {
    return this.#recorded === undefined ? this.gradients(batch) : this.#recorded.run(batch);
  }

  protected override get overwritten(): boolean {
    return this.#recorded !== undefined;
  }

  /** The losses and gradients of one batch, without the update. */
  override gradients(batch: DeviceBatch): StepGradients<keyof TrainedNetworks> {
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
        finite: sumOfAll(losses, gradFake),
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
      losses: mapLosses(losses, ops.detach),
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

  override dispose(): void {
    this.#recorded?.dispose();
    super.dispose();
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
