/** The pairs that a segmenter does not see in training: which, and its scores on them. Depends on data, torch and the scores. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { noGrad, scope } from '@pix2pixhd/torch';
import type { Compute } from '../../compute/choose-compute.js';
import type { Sample } from '../../data/find/pairs.js';
import { makeBatch } from '../../data/load/batch.js';
import { loadSample, type SampleSpec } from '../../data/load/sample.js';
import { wholeImage } from '../../data/load/transform.js';
import { Random, shuffledOrder } from '../../data/random.js';
import { UserError } from '../../errors.js';
import { ConfusionMatrix } from '../confusion-matrix.js';
import type { SegmentationUNet } from '../network.js';
import { type SegmentationScores, scoresOf } from '../scores.js';
import { classesOf } from '../segmenter.js';
import { tensorsOf } from './labelled-tensors.js';

/** Pairs to train on, and pairs to find the best epoch by; both in the order of their names. */
export interface SplitPairs {
  readonly training: readonly Sample[];
  readonly heldOut: readonly Sample[];
}

/**
 * Holds a share of the pairs out, at random by the seed: at least one, and at least one is left.
 *
 * @throws UserError where there is only one pair.
 */
export function splitHeldOut(samples: readonly Sample[], share: number, seed: number): SplitPairs {
  const { length } = samples;
  if (length < 2)
    throw new UserError({
      code: 'NO_IMAGES',
      doing: 'holding pairs out to find the best epoch by',
      found: `${length} pair`,
      expected: 'at least 2: one to train on, and one to find the best epoch by',
      remedy: 'give a --dataroot with more pairs',
    });
  const count = Math.min(length - 1, Math.max(1, Math.round(length * share)));
  // The loader's epochs begin with 1.
  const drawn = new Set(shuffledOrder(length, seed, 0).subarray(0, count));
  return {
    training: samples.filter((_, i) => !drawn.has(i)),
    heldOut: samples.filter((_, i) => drawn.has(i)),
  };
}

/**
 * A network's scores on pairs, whole and at the scale at which it is trained.
 *
 * @returns undefined where `signal` stopped it.
 */
export async function scoreHeldOut(
  network: SegmentationUNet,
  heldOut: readonly Sample[],
  spec: SampleSpec,
  compute: Compute,
  signal: AbortSignal | undefined,
): Promise<SegmentationScores | undefined> {
  const matrix = new ConfusionMatrix(spec.labelNc);
  const whole = { ...spec, transform: wholeImage(spec.transform) };
  network.eval();
  try {
    for (const sample of heldOut) {
      if (signal?.aborted) return undefined;
      const batch = makeBatch([sample.stem], [await loadSample(sample, whole, new Random())], whole);
      const { width, height } = batch;
      const found = noGrad(() =>
        scope(() => classesOf(network.forward(tensorsOf(batch, compute).image), width, height)),
      );
      matrix.add(batch.label!, found);
      await nextTurn();
    }
  } finally {
    network.train();
  }
  return scoresOf(matrix);
}
