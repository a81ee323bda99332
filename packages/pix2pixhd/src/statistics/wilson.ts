/** The interval of a share. Depends on nothing. */

/** The normal distribution's quantile of 0.975. */
const Z = 1.959963984540054;

/** A share and its interval, in [0, 1]. */
export interface ShareInterval {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The share of successes with Wilson's score interval of 95 %, without continuity correction (Wilson, 1927).
 *
 * @param successes of `trials`, whole numbers.
 * @throws RangeError where there was no trial, or there are more successes than trials.
 */
export function wilsonInterval(successes: number, trials: number): ShareInterval {
  checkCounts(successes, trials);
  if (trials === 0) throw new RangeError('the share of no trials');
  const share = successes / trials;
  const shrunk = 1 + Z ** 2 / trials;
  const centre = (share + Z ** 2 / (2 * trials)) / shrunk;
  const half = (Z / shrunk) * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2));
  return {
    share,
    low: successes === 0 ? 0 : centre - half,
    high: successes === trials ? 1 : centre + half,
  };
}

/** @throws RangeError where counts are not whole, or there are more successes than trials. */
export function checkCounts(successes: number, trials: number): void {
  if (!(Number.isInteger(successes) && Number.isInteger(trials) && 0 <= successes && successes <= trials))
    throw new RangeError(`${successes} successes of ${trials} trials`);
}
