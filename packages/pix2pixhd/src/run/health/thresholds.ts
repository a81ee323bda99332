/**
 * The losses at which a discriminator counts as having won, or as undecided. The logged losses are sums over the
 * discriminators; all figures here are for one of them. Depends on the names of the GAN modes.
 */
import type { GanMode } from '../../losses/adversarial.js';

/** Figures of one GAN mode, for one discriminator. */
export interface Thresholds {
  /** With `D_real` and `D_fake` below this, D is hardly ever wrong. */
  readonly won: number;
  /** Both losses of a discriminator that is undecided about every image. */
  readonly undecided: number;
  /** Root mean square distance from that, within which the losses count as constant. */
  readonly still: number;
}

/**
 * Least squares: a prediction that misses its target by d costs d². Won means an error of 0.14, while guessing costs 0.25; the
 * demo's runs, which are healthy, keep medians above 0.10 and distances from 0.25 above 0.05.
 *
 * Vanilla: cross entropy, ln 2 when undecided; won means a mean confidence of 95 %. Hinge: the prediction 0 costs 1, and one
 * beyond the margin nothing, so a loss of 0.02 leaves almost no part of an image within the margin.
 */
export const thresholds: Readonly<Record<GanMode, Thresholds>> = {
  lsgan: { won: 0.02, undecided: 0.25, still: 0.02 },
  vanilla: { won: 0.05, undecided: Math.LN2, still: 0.03 },
  hinge: { won: 0.02, undecided: 1, still: 0.04 },
};

/** Losses are judged over this many steps. With batches of one image, single steps are meaningless. */
export const windowSteps = 300;
/** Losses are judged every this many steps. */
export const judgeEvery = 25;
/** A symptom ends only at this multiple of the figure at which it begins, so that it is not reported repeatedly. */
export const easing = 2;

/**
 * A jump: the mean of the last few steps is `factor` times that of the window before; it ends below `over`, a third of that.
 * The earlier mean counts as at least `leastShare` of the undecided loss, since a loss near zero may return to normal.
 */
export const jump = { steps: 20, factor: 10, over: 10 / 3, leastShare: 0.2 } as const;

/** Outputs that differ by less than this share of the real images' difference count as the same image. */
export const sameShare = 0.02;
/** How many sample sheets in a row must show it; a single one may be chance. */
export const sameDisplays = 2;
/** Sample sheets before this step are not judged: networks start with nearly grey images. */
export const sameFromStep = 200;
