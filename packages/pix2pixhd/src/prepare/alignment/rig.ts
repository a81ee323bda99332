/**
 * One transform for two cameras that are fixed to each other, from many pairs at once. Depends on estimate.ts, judge.ts,
 * residuals.ts, search.ts, levels.ts and transform.ts.
 */
import { atLevel, estimate } from './estimate.js';
import { type CannotTell, type Judged, judge } from './judge.js';
import type { Pair } from './levels.js';
import { type Remaining, remaining } from './residuals.js';
import type { SearchRange } from './search.js';
import { compose, type Size, scaling, type Transform, type TransformModel, translation } from './transform.js';

/** Settings of {@link estimateRig}. */
export interface RigOptions {
  /** Where to begin, from A's pixels to B's; default {@link centred}. */
  readonly start?: Transform;
  /** How far from there to look; default a quarter of A's sides, a factor of 1.25 and 7.5 degrees. */
  readonly range?: Partial<SearchRange>;
  /** The longer side of A at which images are compared at last, in pixels; default 320, or A's own if that is smaller. */
  readonly side?: number;
}

/** The transform of a rig. */
export interface Rig extends Judged {
  readonly model: TransformModel;
  /** From A's pixels to B's: `warp(b, transform, a)` is B as A sees it. */
  readonly transform: Transform;
  /** The correlation of edges over all pairs, −1 to 1. */
  readonly correlation: number;
  /** Of each pair: its own correlation, and how much it counted (0 to 1). */
  readonly pairs: readonly { readonly correlation: number; readonly weight: number }[];
  readonly remaining: Remaining;
}

const RANGE: SearchRange = { shift: 0.25, scale: 1.25, degrees: 7.5 };

/**
 * Estimate the one transform that fits all pairs best: the objective is the correlation of edge directions summed over
 * pairs. Pairs that agree less than the others count less, those without edges nothing. Deterministic.
 *
 * 40 pairs at 320 pixels take about 15 seconds of one core; memory holds all pairs.
 *
 * @param pairs at least one; all of one size for A and one for B.
 * @returns the transform, or that the images do not tell, and why.
 * @throws UserError where sizes differ between pairs; RangeError without pairs.
 */
export function estimateRig(pairs: readonly Pair[], model: TransformModel, options: RigOptions = {}): Rig | CannotTell {
  const first = pairs[0];
  if (first === undefined) throw new RangeError('no pairs to estimate a transform from');
  const start = options.start ?? centred(first.a, first.b);
  const range = { ...RANGE, ...options.range };
  const found = estimate(pairs, { model, start, range, side: options.side ?? 320 });
  const judged = judge(found, model, first.a, start);
  if (!judged.known || found === undefined) return judged as CannotTell;
  const { transform, refined, level } = found;
  return {
    ...judged,
    model,
    transform,
    correlation: refined.correlation,
    pairs: refined.correlations.map((correlation, k) => ({ correlation, weight: refined.weights[k]! })),
    remaining: remaining(level, atLevel(transform, level)),
  };
}

/** What takes the middle of A to the middle of B, and A's area to B's, without turning. */
export function centred(a: Size, b: Size): Transform {
  const scale = Math.sqrt((b.width * b.height) / (a.width * a.height));
  return compose(translation(b.width / 2, b.height / 2), scaling(scale), translation(-a.width / 2, -a.height / 2));
}
