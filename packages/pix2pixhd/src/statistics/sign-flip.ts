/** The test for paired differences. Depends on the seeded random numbers and mean.ts. */
import { Random } from '../data/random.js';
import { mean } from './mean.js';

/** Up to so many differences all signs are tried: 65,536 at most. */
const EXACT_UP_TO = 16;
const DRAWS = 9999;
/** Sums that are equal but for rounding are equal. */
const ROUNDING = 1e-12;

/**
 * The two-sided p-value of a mean of paired differences, by the sign-flip permutation test: if the methods were exchangeable,
 * each difference would as likely have the other sign (Fisher, "The design of experiments", 1935, section 21). Exact for up to 16
 * differences that are not zero; of more, 9,999 draws, of which the observed one counts as one more, so that p is never below
 * 0.0001 (Phipson and Smyth, 2010).
 *
 * @param differences one for each pair.
 * @throws RangeError where there are none.
 */
export function signFlipTest(differences: readonly number[], seed = 1): number {
  const observed = Math.abs(mean(differences)) * differences.length;
  const sizes = differences.map(Math.abs).filter(size => size > 0);
  const enough = observed * (1 - ROUNDING);
  if (sizes.length <= EXACT_UP_TO) return shareOfAll(sizes, enough);
  const random = new Random(seed);
  let extreme = 0;
  for (let draw = 0; draw < DRAWS; draw++) if (Math.abs(randomSum(sizes, random)) >= enough) extreme++;
  return (extreme + 1) / (DRAWS + 1);
}

/**
 * The two-sided p-values of differences between two methods in statistics that are no means, by the same permutations: if the
 * methods were exchangeable, the two results of each unit could as well be swapped.
 *
 * @param differences between the methods, given which units' results are swapped (1) and which not (0).
 */
export function swapTest(
  units: number,
  differences: (swapped: Uint8Array) => readonly number[],
  seed = 1,
): readonly number[] {
  const enough = differences(new Uint8Array(units)).map(value => Math.abs(value) * (1 - ROUNDING));
  const extreme = enough.map(() => 0);
  const count = (swapped: Uint8Array) => {
    for (const [k, value] of differences(swapped).entries()) if (Math.abs(value) >= enough[k]!) extreme[k]!++;
  };
  if (units <= EXACT_UP_TO) {
    // Swapping all changes the sign alone: one unit may stay.
    const all = 2 ** Math.max(0, units - 1);
    for (let signs = 0; signs < all; signs++) count(Uint8Array.from({ length: units }, (_, i) => (signs >> i) & 1));
    return extreme.map(number => number / all);
  }
  const random = new Random(seed);
  for (let draw = 0; draw < DRAWS; draw++) count(Uint8Array.from({ length: units }, () => random.uint32() >>> 31));
  return extreme.map(number => (number + 1) / (DRAWS + 1));
}

/** The share of all signs whose sum is at least so far from zero. */
function shareOfAll(sizes: readonly number[], enough: number): number {
  const all = 2 ** sizes.length;
  let extreme = 0;
  for (let signs = 0; signs < all; signs++) {
    let sum = 0;
    for (const [i, size] of sizes.entries()) sum += (signs >> i) & 1 ? size : -size;
    if (Math.abs(sum) >= enough) extreme++;
  }
  return extreme / all;
}

function randomSum(sizes: readonly number[], random: Random): number {
  let sum = 0;
  let bits = 0;
  for (const [i, size] of sizes.entries()) {
    if (i % 32 === 0) bits = random.uint32();
    sum += (bits >>> (i % 32)) & 1 ? size : -size;
  }
  return sum;
}
