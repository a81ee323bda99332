/**
 * The Bradley–Terry model of pairwise comparisons: item i is preferred to j with probability γᵢ / (γᵢ + γⱼ). Depends on nothing.
 */

/** Of the logarithms of the strengths, when the iteration has converged. */
const tolerance = 1e-10;
const mostIterations = 1_000_000;

/**
 * Maximum-likelihood strengths, by the MM algorithm (Hunter, "MM algorithms for generalized Bradley–Terry models", Annals of
 * Statistics 2004, equation 3), which raises the likelihood with every iteration.
 *
 * @param wins `wins[i][j]`: how often i was preferred to j; fractions are allowed, as a prior has them.
 * @returns log γᵢ, their mean 0. Differences of two are log odds.
 * @throws RangeError where there is no maximum: some of the items never lost to, or were never compared with, the others.
 */
export function bradleyTerry(wins: readonly (readonly number[])[]): number[] {
  if (!isStronglyConnected(wins))
    throw new RangeError('some items never lost to the others: their strengths have no bound');
  const total = wins.map(row => row.reduce((sum, count) => sum + count, 0));
  let strengths = wins.map(() => 1);
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const next = strengths.map((own, i) => {
      let divisor = 0;
      for (const [j, other] of strengths.entries())
        if (j !== i) divisor += (wins[i]![j]! + wins[j]![i]!) / (own + other);
      return total[i]! / divisor;
    });
    const logarithms = centred(next.map(Math.log));
    const before = strengths;
    strengths = logarithms.map(Math.exp);
    if (strengths.every((strength, i) => Math.abs(Math.log(strength / before[i]!)) < tolerance)) return logarithms;
  }
  throw new Error(`the strengths did not converge in ${mostIterations} iterations`);
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map(value => value - mean);
}

/** Whether everyone beats everyone else over some chain of wins (Hunter's assumption 1): then the maximum is there, and one. */
function isStronglyConnected(wins: readonly (readonly number[])[]): boolean {
  const reaches = (beats: (from: number, to: number) => boolean) => {
    const reached = new Set([0]);
    for (const from of reached) for (let to = 0; to < wins.length; to++) if (beats(from, to)) reached.add(to);
    return reached.size === wins.length;
  };
  return reaches((from, to) => wins[from]![to]! > 0) && reaches((from, to) => wins[to]![from]! > 0);
}
