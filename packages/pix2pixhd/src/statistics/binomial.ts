/**
 * `statistics/`: how sure a figure is, on plain numbers; knows nothing of images. It may import nothing.
 *
 * This file: shares of answers, as of raters who prefer one of two images.
 */

/** Where a figure lies, with 95 % confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The quantile of the normal distribution that leaves 2.5 % above it. */
const z = 1.959963984540054;

/**
 * Wilson's score interval of a share, 95 % (Wilson 1927; without continuity correction). It lies within [0, 1] and holds its
 * promise for small samples and shares near 0 or 1, where the textbook's interval does not.
 *
 * @param successes 0 … `trials`.
 * @param trials without any, all of [0, 1] is possible.
 * @throws RangeError where these are not counts.
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  expectCounts(successes, trials);
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const square = z ** 2 / trials;
  const centre = (share + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials));
  // Exact at the ends, where rounding would leave 1e-17.
  return { low: successes === 0 ? 0 : centre - half, high: successes === trials ? 1 : centre + half };
}

/** Outcomes whose probability is equal but for rounding count as equal, as in R's `binom.test` and SciPy's `binomtest`. */
const equalWithin = 1 + 1e-7;

/**
 * The exact two-sided binomial test: how probable an outcome at least as improbable as this one is, if each trial succeeds by
 * `chance` (the method of small p-values, as R's `binom.test` and SciPy's `binomtest`).
 *
 * @param chance in (0, 1).
 * @returns the p-value, in (0, 1]; 1 without trials.
 * @throws RangeError where the arguments are no counts or no probability.
 */
export function binomialTest(successes: number, trials: number, chance = 0.5): number {
  expectCounts(successes, trials);
  if (!(chance > 0 && chance < 1)) throw new RangeError(`a chance must lie between 0 and 1, not ${chance}`);
  const probabilities = binomialProbabilities(trials, chance);
  const limit = probabilities[successes]! * equalWithin;
  let sum = 0;
  for (const probability of probabilities) if (probability <= limit) sum += probability;
  return Math.min(1, sum);
}

/** Of 0, 1, …, `trials` successes. Each follows from the one before, as a logarithm, so that none of them vanishes on the way. */
function binomialProbabilities(trials: number, chance: number): Float64Array {
  const probabilities = new Float64Array(trials + 1);
  const odds = Math.log(chance) - Math.log1p(-chance);
  let logarithm = trials * Math.log1p(-chance);
  for (let k = 0; k <= trials; k++) {
    probabilities[k] = Math.exp(logarithm);
    logarithm += Math.log((trials - k) / (k + 1)) + odds;
  }
  return probabilities;
}

function expectCounts(successes: number, trials: number): void {
  const areCounts = Number.isInteger(successes) && Number.isInteger(trials) && successes >= 0 && successes <= trials;
  if (!areCounts) throw new RangeError(`${successes} of ${trials} is no share`);
}
