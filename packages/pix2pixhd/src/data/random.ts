/**
 * Seeded random numbers for shuffling and augmentation; training, styles and imports draw from them too. Depends on the
 * generator, which `@pix2pixhd/web` has, since styles are drawn there too.
 *
 * What is drawn depends only on the run's seed, the epoch and the sample, never on how many draws came before: that makes a
 * resumed run equal to an uninterrupted one, and lets any worker prepare any sample.
 */
import { Random } from '@pix2pixhd/web/scene';

export { Random, type RandomState } from '@pix2pixhd/web/scene';

// Separate streams, so that the order of an epoch and the draws of a sample never coincide.
const SAMPLE_STREAM = 1;
const ORDER_STREAM = 2;

/** The generator for the draws (crop position, flip) of one sample in one epoch. */
export function sampleRandom(seed: number, epoch: number, index: number): Random {
  return new Random(SAMPLE_STREAM, seed, epoch, index);
}

/** The order in which an epoch visits `count` samples: a uniform permutation (Fisher–Yates) of 0…count−1. */
export function shuffledOrder(count: number, seed: number, epoch: number): Uint32Array {
  const random = new Random(ORDER_STREAM, seed, epoch);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
