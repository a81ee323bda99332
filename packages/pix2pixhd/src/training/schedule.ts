/** The learning rate of an epoch or of a step, and when a stage is done. Pure arithmetic; depends on the stages' type. */
import type { TrainConfig } from '../config/schema.js';
import type { Stage } from '../config/stages.js';
import type { Position } from './position.js';

/** What the learning rate of an epoch depends on. */
export interface LinearDecay {
  /** Learning rate of the first epochs. */
  readonly lr: number;
  /** Epochs at the full rate. */
  readonly niter: number;
  /** Epochs after those in which the rate falls linearly to zero. */
  readonly niterDecay: number;
  /** The baselines fall as in their own public implementation; default pix2pixHD. */
  readonly model?: TrainConfig['model'];
}

/**
 * The learning rate used in an epoch, counted from 1, as NVIDIA's public implementation has it: the rate drops at the
 * end of every epoch after `niter`, so that epoch `niter + 1` still runs at the full rate and zero is reached only after
 * the last epoch. It subtracts `lr / niterDecay` epoch by epoch; the sum is repeated here because its rounding is part of
 * that result. The baselines' public implementation divides by one more, so that the rate falls from epoch `niter + 1` on and is
 * not zero in the last.
 *
 * The schedule follows epochs alone. A limit on steps or minutes ends a run wherever it then is in the schedule and
 * does not compress it, so that a run stopped early and resumed is the same as one that never stopped.
 *
 * @param epoch 1 … `niter + niterDecay`; later epochs have rate 0.
 */
export function learningRate({ lr, niter, niterDecay, model = 'pix2pixHD' }: LinearDecay, epoch: number): number {
  if (!Number.isInteger(epoch) || epoch < 1) throw new RangeError(`epoch must be a whole number from 1, not ${epoch}`);
  if (epoch > niter + niterDecay) return 0;
  if (model !== 'pix2pixHD') return lr * (1 - Math.max(0, epoch - niter) / (niterDecay + 1));
  let rate = lr;
  for (let drops = epoch - niter - 1; drops > 0; drops--) rate -= lr / niterDecay;
  return rate;
}

/** What decides the schedule of a stage: its length in steps, or its epochs. */
type StageSchedule = Pick<Stage, 'steps'> & { readonly config: LinearDecay };

/**
 * The learning rate of the next step of a stage: by epochs, or, where the stage's length is given in steps, by steps: the
 * full rate over the share of them that `niter` has of all epochs, then falling linearly, so that it would be zero after
 * the last.
 */
export function stageLearningRate(
  { steps, config }: StageSchedule,
  { epoch, stageStep }: Pick<Position, 'epoch' | 'stageStep'>,
): number {
  if (steps === null) return learningRate(config, epoch);
  const full = (steps * config.niter) / Math.max(1, totalEpochs(config));
  return stageStep < full ? config.lr : Math.max(0, (config.lr * (steps - stageStep)) / (steps - full));
}

/** Whether a stage has done all its steps or epochs. */
export function stageFinished(
  { steps, config }: StageSchedule,
  { epoch, stageStep }: Pick<Position, 'epoch' | 'stageStep'>,
): boolean {
  return steps === null ? epoch > totalEpochs(config) : stageStep >= steps;
}

/** The number of epochs of a whole schedule. */
export function totalEpochs({ niter, niterDecay }: LinearDecay): number {
  return niter + niterDecay;
}
