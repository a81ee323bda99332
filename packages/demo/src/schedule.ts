/**
 * A learning-rate schedule that fits the demo's minutes on this machine. Depends on the training session.
 */

import { configureProcess, type TrainConfig } from 'pix2pixhd';
import { type Batch, chooseCompute, TrainingSession } from 'pix2pixhd/internal';

/** The epochs of a run: at the full rate, then falling to zero. */
export interface EpochPlan extends Pick<TrainConfig, 'niter' | 'niterDecay'> {
  /** Whether the run sees its pairs more often than a few times. */
  readonly long: boolean;
}

/** A run of fewer epochs keeps its learning rate: it is still far from where a lower one helps. */
const fewEpochs = 4;

/** The steps' share of the minutes; samples, checkpoints and slower moments take the rest. */
const shareOfSteps = 0.85;

/**
 * Plans the epochs: of those that the minutes allow, a third at the full rate and the rest falling to zero. A run of a
 * few epochs stays at the full rate, and its minutes end it.
 * @param epochsDone whole epochs of earlier runs.
 */
export function planEpochs(
  epochsDone: number,
  minutes: number,
  secondsPerStep: number,
  stepsPerEpoch: number,
): EpochPlan {
  const reachable = (minutes * 60 * shareOfSteps) / secondsPerStep / stepsPerEpoch;
  if (reachable < fewEpochs) return { niter: epochsDone + 2 * fewEpochs, niterDecay: 0, long: false };
  const full = Math.round(reachable / 3);
  return { niter: epochsDone + full, niterDecay: Math.floor(reachable) - full, long: true };
}

/** Seconds per training step on square images of this side: the fastest of a few, on networks built only for that. */
export function measureStep(config: TrainConfig, side: number): number {
  const compute = chooseCompute(config);
  configureProcess({ threads: config.threads, seed: config.seed, device: compute.device });
  const session = new TrainingSession(config, compute);
  const image = new Float32Array(3 * side * side);
  const ids = new Int32Array(side * side);
  const batch: Batch = {
    stems: ['probe'],
    width: side,
    height: side,
    ...(config.labelNc > 0 ? { label: ids, instance: ids } : { source: image }),
    image,
    sourceChannels: 3,
    imageChannels: 3,
  };
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 8; i++) {
    const before = performance.now();
    session.step([batch], Number.POSITIVE_INFINITY);
    fastest = Math.min(fastest, (performance.now() - before) / 1000);
  }
  session.dispose();
  return fastest;
}
