/**
 * How far two images are apart, and many pairs of them. Depends on estimate.ts, judge.ts, residuals.ts, search.ts, levels.ts,
 * quantile.ts and transform.ts.
 */
import type { ImageRaster } from '../../raster.js';
import { atLevel, estimate } from './estimate.js';
import { type CannotTell, type Displacement, type Judged, judge, type Reason } from './judge.js';
import { quantile } from './quantile.js';
import { type Remaining, remaining } from './residuals.js';
import type { SearchRange } from './search.js';
import { type Point, scaling, type Transform, type TransformModel } from './transform.js';

/** Settings of {@link measureAlignment}. */
export interface MeasureOptions {
  /** What may be between the images; default `similarity`: one pair seldom tells more. */
  readonly model?: TransformModel;
  /** Where A should be seen in B; default: the images cover each other. */
  readonly expected?: Transform;
  /** How far from there to look; default 12 % of A's sides, a factor of 1.1 and 5 degrees. */
  readonly range?: Partial<SearchRange>;
  /** The longer side of A at which images are compared, in pixels; default 320, or A's own if that is smaller. */
  readonly side?: number;
}

/** How far a pair is apart. */
export interface Measurement extends Judged {
  /** From A's pixels to B's, as found. */
  readonly transform: Transform;
  readonly correlation: number;
  /** What is left if that is corrected. */
  readonly remaining: Remaining;
}

const RANGE: SearchRange = { shift: 0.12, scale: 1.1, degrees: 5 };

/**
 * Measure how far two images of one moment are apart, of cameras of any kind: their edges are compared, by direction, not by
 * brightness. About half a second at 320 pixels.
 *
 * @returns the displacement with its uncertainty, or that the images do not tell, and why.
 */
export function measureAlignment(
  a: ImageRaster,
  b: ImageRaster,
  options: MeasureOptions = {},
): Measurement | CannotTell {
  const { model = 'similarity', expected = scaling(b.width / a.width, b.height / a.height), side = 320 } = options;
  const found = estimate([{ a, b }], { model, start: expected, range: { ...RANGE, ...options.range }, side });
  const judged = judge(found, model, a, expected);
  if (!judged.known || found === undefined) return judged as CannotTell;
  const { transform, refined, level } = found;
  const left = remaining(level, atLevel(transform, level));
  return { ...judged, transform, correlation: refined.correlation, remaining: left };
}

/** How far the pairs of a set are apart, in pixels of A. */
export interface AlignmentSummary {
  readonly pairs: number;
  /** Pairs that do not tell, and why. */
  readonly cannotTell: number;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
  /** Of the mean displacement of each pair that tells; undefined where none does. */
  readonly median?: number;
  /** The 95 % interval of that median, by order statistics; undefined below six pairs. */
  readonly interval?: readonly [low: number, high: number];
  readonly percentile90?: number;
  /** The median displacement of the middle: what one shift for all would correct. */
  readonly common?: Point;
}

/** The figures of a set. */
export function summarizeAlignment(
  measurements: readonly (CannotTell | { readonly known: true; readonly displacement: Displacement })[],
): AlignmentSummary {
  const reasons: Partial<Record<Reason, number>> = {};
  const told: Displacement[] = [];
  for (const one of measurements) {
    if (one.known) told.push(one.displacement);
    else reasons[one.reason] = (reasons[one.reason] ?? 0) + 1;
  }
  const counts = { pairs: measurements.length, cannotTell: measurements.length - told.length, reasons };
  if (told.length === 0) return counts;
  const lengths = told.map(({ mean }) => mean);
  const interval = intervalOfMedian(lengths);
  return {
    ...counts,
    median: quantile(lengths, 0.5),
    ...(interval === undefined ? {} : { interval }),
    percentile90: quantile(lengths, 0.9),
    common: {
      x: quantile(
        told.map(({ centre }) => centre.x),
        0.5,
      ),
      y: quantile(
        told.map(({ centre }) => centre.y),
        0.5,
      ),
    },
  };
}

/** The k-th smallest and k-th largest value, with the largest k for which the median lies between them with 95 % probability. */
function intervalOfMedian(values: readonly number[]): readonly [number, number] | undefined {
  const n = values.length;
  const sorted = [...values].sort((p, q) => p - q);
  if (n > 1000) {
    const k = Math.floor(n / 2 - 0.98 * Math.sqrt(n));
    return [sorted[k - 1]!, sorted[n - k]!];
  }
  // How many of n values are below the median is binomial; the probability that fewer than k are.
  let below = 0;
  let term = 0.5 ** n;
  let k = 0;
  while (k < n && below + term <= 0.025) {
    below += term;
    term *= (n - k) / (k + 1);
    k++;
  }
  return k === 0 ? undefined : [sorted[k - 1]!, sorted[n - k]!];
}
