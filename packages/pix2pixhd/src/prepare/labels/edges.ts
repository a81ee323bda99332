/**
 * Pixels between the colours of a palette: which class each belongs to. Depends on established.ts and neighbourhood.ts.
 *
 * Of two classes' mixture nothing tells the class but what lies around: the mixture of sky and road may be the very colour
 * of walls.
 */
import type { Raster } from '../../raster.js';
import { BEYOND, type ColourTable, NONE } from './colour-table.js';
import { establishedPixels, type KeyReader, keyReader, NEAR } from './established.js';
import { alike } from './flat.js';
import { Neighbourhood } from './neighbourhood.js';

/** Pixels of the 3×3 that make a foreign colour more than noise, itself included. */
const FOREIGN_SUPPORT = 6;
/** How far noise takes a mixture from being one. */
const MIXTURE_NOISE = 32;
/** How far rounding takes it. */
const ROUNDING = 2;
/** Neighbourhoods of 3×3, 5×5 and 9×9. */
const RADII = [1, 2, 4];
const WIDEST = 4;

/** What was done. */
export interface Snapping {
  snapped: number;
  /** Sum and largest of the distances of the snapped. */
  sum: number;
  largest: number;
  beyond: number;
  /** Index of the first pixel beyond the tolerance, or -1. */
  firstBeyond: number;
}

/**
 * Gives every pixel that is `NONE` a target, or `BEYOND`.
 * @param targets the target of each pixel of an exact colour; changed in place.
 * @param isExact whether pixels of exact colours are to be left alone.
 */
export function resolveEdges(
  image: Raster<Uint8Array>,
  targets: Uint16Array,
  table: ColourTable,
  { tolerance, isExact }: { readonly tolerance: number; readonly isExact: boolean },
): Snapping {
  const result: Snapping = { snapped: 0, sum: 0, largest: 0, beyond: 0, firstBeyond: -1 };
  if (!targets.includes(NONE)) return result;
  const keyOf = keyReader(image);
  const { near, established } = establishedPixels(image, targets, table, isExact);
  const around = new Neighbourhood(image.width, image.height, near, established);
  if (!isExact) unsettle(targets, established, around, table, keyOf);

  const open: number[] = [];
  for (let i = 0; i < targets.length; i++) if (targets[i] === NONE) open.push(i);
  const doubtful: number[] = [];
  for (const i of open) {
    const key = keyOf(i);
    const target = established[i] === 1 ? near[i]! : explained(i, key, around, table, tolerance);
    if (target !== NONE) targets[i] = target;
    else if (table.squaredDistance(key, table.nearest(key)) <= tolerance ** 2) targets[i] = table.nearest(key);
    // What is not alike around it is noise at an edge; an area has a colour of its own.
    else if (isExact || alike(image, i, NEAR) >= FOREIGN_SUPPORT) targets[i] = BEYOND;
    else doubtful.push(i);
  }
  const foreign = doubtful.map(i => touches(targets, BEYOND, i, image));
  for (const [at, i] of doubtful.entries()) {
    const key = keyOf(i);
    const nearest = table.nearest(key);
    targets[i] = foreign[at] ? BEYOND : (around.explain(i, WIDEST, key, nearest, table)?.target ?? nearest);
  }
  for (const i of open) count(result, i, targets[i]!, keyOf(i), table);
  return result;
}

function count(result: Snapping, index: number, target: number, key: number, table: ColourTable): void {
  if (target === BEYOND) {
    if (result.beyond++ === 0) result.firstBeyond = index;
    return;
  }
  const distance = Math.sqrt(table.squaredDistance(key, target));
  result.snapped++;
  result.sum += distance;
  if (distance > result.largest) result.largest = distance;
}

/** The class that the neighbourhood has for a colour, or `NONE`. */
function explained(i: number, key: number, around: Neighbourhood, table: ColourTable, tolerance: number): number {
  const nearest = table.nearest(key);
  // Strong noise may take a mixture farther than it should be, but not farther from it than from any colour.
  const enough = Math.max(MIXTURE_NOISE, Math.min(tolerance, Math.sqrt(table.squaredDistance(key, nearest)))) ** 2;
  for (const radius of RADII) {
    const found = around.explain(i, radius, key, nearest, table);
    if (found !== undefined && (found.distance <= enough || found.target === nearest)) return found.target;
  }
  return NONE;
}

/** Whether one of the eight neighbours of a pixel has a target. */
function touches(targets: Uint16Array, target: number, index: number, { width, height }: Raster): boolean {
  const x = index % width;
  const y = (index - x) / width;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
      if (targets[row * width + column] === target) return true;
  return false;
}

/** Pixels of an exact colour between two neighbours' that nothing establishes become `NONE`; others establish their class. */
function unsettle(
  targets: Uint16Array,
  established: Uint8Array,
  around: Neighbourhood,
  table: ColourTable,
  keyOf: KeyReader,
): void {
  const confirmed: number[] = [];
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i]!;
    if (target >= BEYOND || established[i] === 1) continue;
    const classes = around.classes(i, 2);
    if (!classes.includes(target) && isBetween(keyOf(i), classes, table)) targets[i] = NONE;
    else confirmed.push(i);
  }
  for (const i of confirmed) established[i] = 1;
}

function isBetween(key: number, classes: readonly number[], table: ColourTable): boolean {
  return classes.some((a, at) =>
    classes.slice(at + 1).some(b => table.squaredDistanceFromMixture(key, a, b, 0.05) <= ROUNDING * ROUNDING),
  );
}
