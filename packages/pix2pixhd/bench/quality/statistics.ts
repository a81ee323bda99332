/** Means with bootstrap intervals over seeds and pairs. Depends on the seeded random numbers. */
import { Random } from '../../src/data/random.js';

/** A mean, and where it would lie in 19 of 20 draws of as many seeds and pairs. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The mean of a figure over seeds and pairs, with a bootstrap interval: seeds are drawn with replacement and, the same for all
 * of them, pairs.
 *
 * @param figures per seed, per pair; every seed has the same pairs.
 */
export function bootstrap(figures: readonly (readonly number[])[], draws = 1000): Interval {
  const random = new Random(1);
  const pairs = figures[0]!.length;
  const means = Array.from({ length: draws }, () => {
    const seeds = figures.map(() => figures[random.integer(figures.length)]!);
    const drawn = Array.from({ length: pairs }, () => random.integer(pairs));
    return mean(seeds.map(seed => mean(drawn.map(pair => seed[pair]!))));
  }).sort((a, b) => a - b);
  const at = (share: number) => means[Math.min(draws - 1, Math.floor(share * draws))]!;
  return { mean: mean(figures.map(mean)), low: at(0.025), high: at(0.975) };
}
