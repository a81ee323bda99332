/**
 * Learning rates that change from step to step. Depends on Optimizer's type. Semantics: torch.optim.lr_scheduler, in closed form.
 */
import { TorchError } from '../errors.js';

/** What a scheduler changes: an optimiser. */
export interface Scheduled {
  readonly groups: readonly { lr: number }[];
}

/** What a checkpoint holds of a scheduler. */
export interface LRSchedulerState {
  /** How often {@link LRScheduler.step} was called. */
  readonly lastEpoch: number;
  /** The learning rates that each group began with. */
  readonly baseLrs: readonly number[];
}

/**
 * The base of all schedulers. A new one sets the learning rates of epoch 0; call {@link step} once after each epoch, or after each
 * update where the schedule counts updates.
 */
export abstract class LRScheduler {
  readonly #optimizer: Scheduled;
  #baseLrs: readonly number[];
  #epoch = 0;

  protected constructor(optimizer: Scheduled) {
    this.#optimizer = optimizer;
    this.#baseLrs = optimizer.groups.map(({ lr }) => lr);
  }

  /** The learning rate of an epoch (0, 1, …) for a group that began with `base`. */
  abstract lrAt(epoch: number, base: number): number;

  /** Goes to the next epoch. */
  step(): void {
    this.#epoch++;
    this.apply();
  }

  /** The learning rates that are set now, by group. */
  lastLr(): number[] {
    return this.#optimizer.groups.map(({ lr }) => lr);
  }

  /** For a checkpoint. */
  state(): LRSchedulerState {
    return { lastEpoch: this.#epoch, baseLrs: this.#baseLrs };
  }

  /**
   * Continues from a saved state, and sets its learning rates.
   * @throws TorchError where the optimiser has another number of groups.
   */
  loadState({ lastEpoch, baseLrs }: LRSchedulerState): void {
    const { length } = this.#optimizer.groups;
    if (baseLrs.length !== length)
      throw new TorchError(
        'STATE_MISMATCH',
        `${this.constructor.name}: the state is of ${baseLrs.length} groups of parameters, the optimiser has ${length}`,
      );
    this.#epoch = lastEpoch;
    this.#baseLrs = baseLrs;
    this.apply();
  }

  /** Sets the learning rates of the present epoch. */
  protected apply(): void {
    for (const [i, group] of this.#optimizer.groups.entries()) group.lr = this.lrAt(this.#epoch, this.#baseLrs[i]!);
  }
}

/** The first learning rate times a function of the epoch. */
export class LambdaLR extends LRScheduler {
  readonly #factor: (epoch: number) => number;

  constructor(optimizer: Scheduled, factor: (epoch: number) => number) {
    super(optimizer);
    this.#factor = factor;
    this.apply();
  }

  override lrAt(epoch: number, base: number): number {
    return base * this.#factor(epoch);
  }
}

/** Times `gamma` every `stepSize` epochs. */
export class StepLR extends LambdaLR {
  constructor(optimizer: Scheduled, stepSize: number, gamma = 0.1) {
    super(optimizer, epoch => gamma ** Math.floor(epoch / stepSize));
  }
}

/** Times `gamma` at each of the epochs given. */
export class MultiStepLR extends LambdaLR {
  constructor(optimizer: Scheduled, milestones: readonly number[], gamma = 0.1) {
    super(optimizer, epoch => gamma ** milestones.filter(milestone => milestone <= epoch).length);
  }
}

/** Times `gamma` every epoch. */
export class ExponentialLR extends LambdaLR {
  constructor(optimizer: Scheduled, gamma: number) {
    super(optimizer, epoch => gamma ** epoch);
  }
}

/** In a straight line from `startFactor` to `endFactor` of the first learning rate within `totalIters` epochs: a warm-up. */
export class LinearLR extends LambdaLR {
  constructor(
    optimizer: Scheduled,
    {
      startFactor = 1 / 3,
      endFactor = 1,
      totalIters = 5,
    }: {
      readonly startFactor?: number;
      readonly endFactor?: number;
      readonly totalIters?: number;
    } = {},
  ) {
    super(optimizer, epoch => startFactor + ((endFactor - startFactor) * Math.min(epoch, totalIters)) / totalIters);
  }
}

/** Half a cosine down to `etaMin` within `tMax` epochs, and up again (Loshchilov and Hutter, 2017, without restarts). */
export class CosineAnnealingLR extends LRScheduler {
  readonly #tMax: number;
  readonly #etaMin: number;

  constructor(optimizer: Scheduled, tMax: number, etaMin = 0) {
    super(optimizer);
    this.#tMax = tMax;
    this.#etaMin = etaMin;
    this.apply();
  }

  override lrAt(epoch: number, base: number): number {
    return this.#etaMin + ((base - this.#etaMin) * (1 + Math.cos((Math.PI * epoch) / this.#tMax))) / 2;
  }
}
