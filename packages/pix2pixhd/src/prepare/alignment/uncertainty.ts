/**
 * How far an estimate may be off, from the images themselves. Depends on compare.ts, refine.ts, solve.ts, estimate.ts and
 * transform.ts.
 *
 * The jackknife (Tukey 1958): pairs, or blocks of pixels where there are few pairs, are left out one after the other, and the step that
 * the rest asks for shows how much each of them matters.
 */
import { CELL, CELL_SUMS, cellsOf } from './compare.js';
import type { Estimate } from './estimate.js';
import { addCells, stepOfTotal } from './solve.js';
import { apply, type Point, type Size, type TransformModel } from './transform.js';

/** From so many pairs on whole pairs are left out. */
const ENOUGH_PAIRS = 8;
/** At most so many groups. */
const GROUPS = 40;
/** Side of a block, in cells: neighbouring pixels tell the same, so they are left out together. */
const BLOCK = 4;

/**
 * Standard errors of where the transform takes points, in pixels of A.
 * @param points in A's frame.
 * @returns one number per point, or undefined where too little is left without a group.
 */
export function standardErrors(
  { refined, level }: Estimate,
  model: TransformModel,
  points: readonly Point[],
): readonly number[] | undefined {
  const { sums, weights } = refined;
  const groupOf = grouping(sums.length, level.size);
  const total = addCells(sums, pair => weights[pair]!);
  const { scaleA } = level;
  const moved: Point[][] = [];
  for (let group = 0; group < GROUPS; group++) {
    const own = addCells(sums, (pair, cell) => (groupOf(pair, cell) === group ? weights[pair]! : 0));
    if (isEmpty(own)) continue;
    const step = stepOfTotal(
      total.map((v, i) => v - own[i]!),
      level.size,
      model,
    );
    if (step === undefined) return undefined;
    moved.push(
      points.map(({ x, y }) => {
        const to = apply(step.change, { x: x * scaleA.x, y: y * scaleA.y });
        return { x: to.x / scaleA.x - x, y: to.y / scaleA.y - y };
      }),
    );
  }
  if (moved.length < 3) return undefined;
  return points.map((_, k) => jackknife(moved.map(one => one[k]!)));
}

function grouping(pairs: number, size: Size): (pair: number, cell: number) => number {
  if (pairs >= ENOUGH_PAIRS) return pair => pair % GROUPS;
  const { width } = cellsOf(size);
  const columns = Math.ceil(size.width / CELL / BLOCK);
  return (pair, cell) => {
    const column = Math.floor((cell % width) / BLOCK);
    const row = Math.floor(cell / width / BLOCK);
    // Another order in every pair, so that no group holds one place of all of them.
    return (row * columns + column + 7 * pair) % GROUPS;
  };
}

function isEmpty(sums: Float64Array): boolean {
  for (let o = CELL_SUMS - 1; o < sums.length; o += CELL_SUMS) if (sums[o]! > 0) return false;
  return true;
}

function jackknife(values: readonly Point[]): number {
  const n = values.length;
  const x = values.reduce((sum, v) => sum + v.x, 0) / n;
  const y = values.reduce((sum, v) => sum + v.y, 0) / n;
  const squares = values.reduce((sum, v) => sum + (v.x - x) ** 2 + (v.y - y) ** 2, 0);
  return Math.sqrt(((n - 1) / n) * squares);
}
