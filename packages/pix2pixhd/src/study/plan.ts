/**
 * Which images a rater compares, in which order and on which sides: drawn by lot, and balanced. Depends on seeded random numbers.
 */
import { Random } from '../data/random.js';

/** A comparison: of what scene, under which condition (a pair of methods; a method and a time), and which of the two comes first. */
export interface Cell {
  readonly stem: number;
  readonly condition: number;
  /** Whether the second of the two that the condition names is image A. */
  readonly flipped: boolean;
}

/** Sizes of an experiment. */
export interface Design {
  readonly stems: number;
  readonly conditions: number;
  /** Of a rater, without practice and attention checks. */
  readonly trials: number;
  readonly seed: number;
}

// Separate streams of random numbers.
const STEMS = 1;
const CONDITIONS = 2;
const SIDES = 3;
const ORDER = 4;

/**
 * The comparisons of a rater, in the order in which they are shown.
 *
 * Raters take turns at one endless row of comparisons: condition after condition, scene after scene, so that over all raters every
 * scene under every condition is shown equally often but for one. Of one rater, every condition is shown equally often but for one,
 * each condition has either of its two first equally often but for one, and so have all together; no scene comes again before nearly all
 * were shown. The order is drawn by lot.
 *
 * @param rater 0, 1, …
 */
export function balancedCells(rater: number, { stems, conditions, trials, seed }: Design): readonly Cell[] {
  const stemOrder = shuffled(count(stems), new Random(seed, STEMS));
  const conditionOrder = shuffled(count(conditions), new Random(seed, CONDITIONS));
  const period = leastCommonMultiple(stems, conditions);
  const cells = Array.from({ length: trials }, (_, t) => {
    const place = rater * trials + t;
    // Both go round; where they would repeat themselves, the scenes move on by one.
    const stem = (place + Math.floor(place / period)) % stems;
    return { stem: stemOrder[stem]!, condition: conditionOrder[place % conditions]! };
  });
  const sides = balancedSides(cells, conditionOrder, rater, new Random(seed, SIDES, rater));
  const sided = cells.map((cell, i) => ({ ...cell, flipped: sides[i]! }));
  return shuffled(sided, new Random(seed, ORDER, rater));
}

/** Half of each condition's comparisons are flipped; where one is left over, conditions take turns at that, and so do raters. */
function balancedSides(
  cells: readonly { readonly condition: number }[],
  conditionOrder: readonly number[],
  rater: number,
  random: Random,
): boolean[] {
  const sides = new Array<boolean>(cells.length);
  let next = rater % 2 === 0;
  for (const condition of conditionOrder) {
    const places = cells.flatMap((cell, i) => (cell.condition === condition ? [i] : []));
    const half = Math.floor(places.length / 2);
    const drawn = [...new Array<boolean>(half).fill(true), ...new Array<boolean>(half).fill(false)];
    if (places.length % 2 === 1) {
      drawn.push(next);
      next = !next;
    }
    for (const [i, flipped] of shuffled(drawn, random).entries()) sides[places[i]!] = flipped;
  }
  return sides;
}

/**
 * Hides some items among others: one within each of as many stretches of equal length, not among the first.
 *
 * @returns the others in their order, and among them these.
 */
export function hideAmong<T>(hidden: readonly T[], others: readonly T[], random: Random): readonly T[] {
  const first = Math.min(2, others.length - 1);
  const stretch = (others.length - first) / hidden.length;
  const places = hidden.map((item, i) => ({ item, at: first + Math.floor((i + random.uniform()) * stretch) }));
  return others.flatMap((other, i) => [...places.filter(({ at }) => at === i).map(({ item }) => item), other]);
}

/** A copy in random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function count(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
