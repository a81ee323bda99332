/** From figures to what a table says: means with intervals, and how far the methods are apart. Depends on statistics. */

import type { SetFigure } from '../evaluation/metric.js';
import { bootstrapMean } from '../statistics/bootstrap.js';
import { mean } from '../statistics/mean.js';
import { signFlipTest } from '../statistics/sign-flip.js';

/** A method's figure. */
export interface Summary {
  /** The mean over images, or the figure of the set; infinite where images are equal and the metric is. */
  readonly value: number;
  /** The ends of the interval of 95 % of a mean; absent for few images, infinite figures and figures of a set. */
  readonly low?: number;
  readonly high?: number;
  /** Of figures of a set that have one. */
  readonly standardError?: number;
}

/** How far a method's figure is from the first method's, on the same images. */
export interface Difference {
  readonly metric: string;
  readonly method: string;
  readonly against: string;
  /** The mean of `method` less `against`. */
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  /** Of the two-sided sign-flip test; not adjusted for the number of comparisons. */
  readonly p: number;
}

/** The mean of figures with its interval. */
export function summariseFigures(figures: readonly number[]): Summary {
  const interval = bootstrapMean(figures);
  if (interval === undefined) return { value: mean(figures) };
  return { value: interval.mean, low: interval.low, high: interval.high };
}

/** A figure of a set. */
export function summariseSet({ value, standardError }: SetFigure): Summary {
  return { value, ...(standardError !== undefined && { standardError }) };
}

/**
 * The differences of all methods to the first; none of a method some of whose differences are not finite, as those of infinite
 * figures.
 *
 * @param figures per method, per image.
 */
export function differencesOf(
  metric: string,
  methods: readonly string[],
  figures: readonly (readonly number[])[],
): readonly Difference[] {
  const [first, ...others] = figures;
  return others.flatMap((mine, i) => {
    const differences = mine.map((figure, image) => figure - first![image]!);
    if (!differences.every(Number.isFinite)) return [];
    const { value, low, high } = summariseFigures(differences);
    const ends = low === undefined || high === undefined ? {} : { low, high };
    return [{ metric, method: methods[i + 1]!, against: methods[0]!, value, ...ends, p: signFlipTest(differences) }];
  });
}
