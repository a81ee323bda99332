/** Bootstrap intervals of means and of other statistics. Depends on the seeded random numbers and mean.ts. */
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

/** A statistic of a sample, and its standard error, or anything proportional to it. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/**
 * Bootstrap-t intervals of 95 % of statistics that are no means, as {@link bootstrapMean} has them of means.
 *
 * @param units size of the sample.
 * @param estimate the statistics of a sample, given how often each unit is in it.
 * @returns the ends for each statistic; undefined for fewer than {@link LEAST_FOR_INTERVAL} units, or where it is not finite or has
 *   no standard error in more than half of the draws.
 */
export function bootstrapT(
  units: number,
  estimate: (times: Uint32Array) => readonly Estimate[],
  seed = 1,
  draws = 1000,
): readonly (Pick<Interval, 'low' | 'high'> | undefined)[] {
  const all = estimate(new Uint32Array(units).fill(1));
  if (units < LEAST_FOR_INTERVAL) return all.map(() => undefined);
  const random = new Random(seed);
  const scores = all.map((): number[] => []);
  for (let draw = 0; draw < draws; draw++) {
    const times = new Uint32Array(units);
    for (let i = 0; i < units; i++) times[random.integer(units)]!++;
    for (const [k, { value, error }] of estimate(times).entries()) {
      const score = (value - all[k]!.value) / error;
      if (Number.isFinite(score)) scores[k]!.push(score);
    }
  }
  return all.map(({ value, error }, k) => {
    if (error === 0) return { low: value, high: value };
    if (!Number.isFinite(value) || scores[k]!.length < draws / 2) return undefined;
    const sorted = Float64Array.from(scores[k]!).sort();
    return { low: value - quantile(sorted, 1 - TAIL) * error, high: value - quantile(sorted, TAIL) * error };
  });
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
