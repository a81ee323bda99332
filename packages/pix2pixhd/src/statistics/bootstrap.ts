/** Bootstrap intervals of means. Depends on the seeded random numbers and mean.ts. */
import { Random } from '../data/random.js';
import { deviation, mean, quantile } from './mean.js';

/** A mean, and the interval that holds the true one in 19 of 20 samples. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** The ends of an interval of 95 %. */
const TAIL = 0.025;
const DRAWS = 2000;
/** With fewer values most draws repeat one of them, and their spread says nothing. */
export const LEAST_FOR_INTERVAL = 4;

/**
 * The mean of independent values with its bootstrap-t interval of 95 %: the values are drawn with replacement, and each draw's
 * distance from the mean is measured in its own standard errors, so that skewed figures and small samples get intervals of the
 * right width (Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 12).
 *
 * @returns the same interval for the same values and seed; undefined for fewer than {@link LEAST_FOR_INTERVAL} values, or where one is not finite.
 */
export function bootstrapMean(values: readonly number[], seed = 1, draws = DRAWS): Interval | undefined {
  if (values.length < LEAST_FOR_INTERVAL || !values.every(Number.isFinite)) return undefined;
  const centre = mean(values);
  const error = deviation(values, centre);
  if (error === 0) return { mean: centre, low: centre, high: centre };
  const random = new Random(seed);
  const drawn = new Float64Array(values.length);
  const scores = new Float64Array(draws);
  for (let draw = 0; draw < draws; ) {
    for (let i = 0; i < drawn.length; i++) drawn[i] = values[random.integer(values.length)]!;
    const own = mean(drawn);
    const spread = deviation(drawn, own);
    // All values drawn are one: it has no standard error.
    if (spread > 0) scores[draw++] = (own - centre) / spread;
  }
  scores.sort();
  return {
    mean: centre,
    low: centre - quantile(scores, 1 - TAIL) * error,
    high: centre - quantile(scores, TAIL) * error,
  };
}

/**
 * The mean of a figure over trainings and pairs, with a percentile interval: seeds are drawn with replacement and, the same for
 * all of them, pairs.
 *
 * @param figures per seed, per pair; every seed has the same pairs.
 */
export function bootstrapOverSeeds(figures: readonly (readonly number[])[], draws = 1000): Interval {
  const random = new Random(1);
  const pairs = figures[0]!.length;
  const means = Float64Array.from({ length: draws }, () => {
    const seeds = figures.map(() => figures[random.integer(figures.length)]!);
    const drawn = Array.from({ length: pairs }, () => random.integer(pairs));
    return mean(seeds.map(seed => mean(drawn.map(pair => seed[pair]!))));
  }).sort();
  return { mean: mean(figures.map(mean)), low: quantile(means, TAIL), high: quantile(means, 1 - TAIL) };
}
