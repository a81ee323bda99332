/** Whether a shape lies on another one: within it, or in a notch at its rim, as a pupil in an eye. Depends on masks, shapes and rectangles. */
import type { Mask } from './mask.js';
import { overlap } from './rect.js';
import { type Point, polygon } from './shapes.js';

/** What lies in a notch covers at most this share of what the other one does, */
const mostArea = 0.5;
/** has at least this share of its pixels within the other one's outline, */
const leastInside = 0.7;
/** and the other one along at least this share of its own rim. */
const leastBeside = 0.5;

const hulls = new WeakMap<Mask, Mask>();

/** The convex hull of a set of pixels: those whose centres lie in it. */
export function hullOf(mask: Mask): Mask {
  const known = hulls.get(mask);
  if (known !== undefined) return known;
  const { width, height } = mask;
  // The hull goes through corners of pixels, so it has every pixel's centre.
  const hull = mask.isEmpty ? mask : polygon({ width, height }, outline(cornersOf(mask))).union(mask);
  hulls.set(mask, hull);
  return hull;
}

/** The corners of the first and last pixel of each row, by x, then y. */
function cornersOf(mask: Mask): Point[] {
  const ends = new Map<number, [number, number]>();
  for (const [y, from, to] of mask.runs()) {
    const row = ends.get(y);
    ends.set(y, row === undefined ? [from, to] : [Math.min(row[0], from), Math.max(row[1], to)]);
  }
  const corners = [...ends].flatMap(([y, row]) => row.flatMap(x => [y, y + 1].map(v => ({ x, y: v }))));
  return corners.sort((a, b) => a.x - b.x || a.y - b.y);
}

/** The convex polygon around points that are sorted (Andrew's monotone chain). */
function outline(points: readonly Point[]): Point[] {
  const half = (sorted: readonly Point[]) => {
    const chain: Point[] = [];
    for (const point of sorted) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(points), ...half(points.toReversed())];
}

function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** Whether all of a shape is within another one. */
export function isWithin(part: Mask, whole: Mask): boolean {
  return part.meets(whole) && part.subtract(whole).isEmpty;
}

/**
 * Whether a shape lies mostly in notches of another one: much smaller, mostly within its convex hull, and with it around most of its
 * rim. What merely stands between the legs of a table does not.
 * @param ground the other one and what else lies on it.
 */
export function liesInNotch(part: Mask, whole: Mask, ground: Mask = whole): boolean {
  const hull = hullOf(whole);
  const [inner, outer] = [part.bounds, hull.bounds];
  if (inner === null || outer === null || overlap(inner, outer) === null) return false;
  const { area } = part;
  if (area > mostArea * whole.area || part.subtract(hull).area > (1 - leastInside) * area) return false;
  return besides(part, ground) >= leastBeside;
}

/** Which share of the steps from a shape to the pixels beside it, by the four neighbours, lead to another shape. */
function besides(part: Mask, other: Mask): number {
  const { width, height } = part;
  let [all, there] = [0, 0];
  const step = (x: number, y: number) => {
    if (x < 0 || y < 0 || x >= width || y >= height || part.has(x, y)) return;
    all++;
    if (other.has(x, y)) there++;
  };
  for (const [y, from, to] of part.runs()) {
    step(from - 1, y);
    step(to, y);
    for (let x = from; x < to; x++) {
      step(x, y - 1);
      step(x, y + 1);
    }
  }
  return all === 0 ? 0 : there / all;
}
