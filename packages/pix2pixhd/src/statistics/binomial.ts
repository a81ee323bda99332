/** The exact test of a share. Depends on wilson.ts for its check of counts. */
import { checkCounts } from './wilson.js';

/** Probabilities that are equal but for rounding are equal, as in R and SciPy. */
const ROUNDING = 1e-7;

/**
 * The two-sided p-value of `successes` in `trials` if each succeeds with `probability`: the sum of the probabilities of all
 * outcomes that are no more likely than this one.
 *
 * @throws RangeError where counts are not whole, there are more successes than trials, or the probability is not in (0, 1).
 */
export function binomialTest(successes: number, trials: number, probability = 0.5): number {
  checkCounts(successes, trials);
  if (!(probability > 0 && probability < 1)) throw new RangeError(`a probability of ${probability}`);
  // From the logarithm of the coefficient, which is the same sum from outcome to outcome.
  const logs = new Float64Array(trials + 1);
  logs[0] = trials * Math.log(1 - probability);
  const odds = Math.log(probability) - Math.log(1 - probability);
  for (let k = 1; k <= trials; k++) logs[k] = logs[k - 1]! + Math.log((trials - k + 1) / k) + odds;
  const likely = logs[successes]! + Math.log1p(ROUNDING);
  let sum = 0;
  for (const log of logs) if (log <= likely) sum += Math.exp(log);
  return Math.min(1, sum);
}
