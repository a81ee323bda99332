/**
 * `statistics/`: how sure a figure is: intervals and tests for means, for differences of paired figures, and for shares. Plain
 * arithmetic; it imports the seeded random numbers alone.
 *
 * This file has the moments that the others share. Depends on nothing.
 */

/** @throws RangeError where there are no values. */
export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('the mean of no values');
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The standard deviation of a sample, with n − 1; 0 of a single value. */
export function deviation(values: ArrayLike<number>, centre = mean(values)): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return Math.sqrt(sum / Math.max(1, values.length - 1));
}

/** The value below which a share of the sorted values lies, interpolated between neighbours. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - low);
}

/** The middle of the sorted values, or the mean of the two in the middle. @throws RangeError where there are none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of no values');
  return quantile(Float64Array.from(values).sort(), 0.5);
}
