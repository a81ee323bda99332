/**
 * The losses at which a discriminator counts as having won, or as undecided. Losses are sums over the discriminators, so all
 * figures here are for one of them. Depends on the names of the GAN modes.
 */
import type { GanMode } from '../../losses/adversarial.js';

/** Figures of one GAN mode, for one discriminator. */
export interface Thresholds {
  /** `D_real` and `D_fake` below this: hardly ever wrong. */
  readonly won: number;
  /** Both losses of a discriminator that is undecided whatever it sees. */
  readonly undecided: number;
  /** Root mean square distance from that, within which the losses count as constant. */
  readonly still: number;
}

/**
 * Least squares: a prediction that misses its target by d costs d². Won is an error of 0.14, where guessing costs 0.25; the demo's runs, which are healthy, keep medians above 0.10 and distances from 0.25 above 0.05.
 *
 * Vanilla: cross entropy, ln 2 when undecided; won is a mean certainty of 95 %. Hinge: the prediction 0 costs 1, and a prediction
 * beyond the margin nothing, so a loss of 0.02 leaves next to no part of an image within the margin.
 */
export const thresholds: Readonly<Record<GanMode, Thresholds>> = {
  lsgan: { won: 0.02, undecided: 0.25, still: 0.02 },
  vanilla: { won: 0.05, undecided: Math.LN2, still: 0.03 },
  hinge: { won: 0.02, undecided: 1, still: 0.04 },
};

/** Losses are judged over so many steps. Batches of one image make single steps meaningless. */
export const windowSteps = 300;
/** Steps between two judgements. */
export const judgeEvery = 25;
/** A symptom ends only at this multiple of what began it, so that it is not reported again and again. */
export const easing = 2;

/**
 * A jump: the mean of the last few steps is so many times that of the window before. It ends when under a third of that.
 * What was before counts as no less than a share of the undecided loss: a loss near zero may grow to what is usual.
 */
export const jump = { steps: 20, factor: 10, over: 10 / 3, leastShare: 0.2 } as const;

/** Outputs that differ by less than this share of what the real images differ by are one image. */
export const sameShare = 0.02;
/** Displays in a row that must say so; one alone may be an accident. */
export const sameDisplays = 2;
/** Displays before this step are not judged: networks begin with nearly grey images. */
export const sameFromStep = 200;
