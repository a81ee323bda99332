/**
 * What two cameras both see. Depends on raster.ts for types and on transform.ts.
 *
 * A point of A is seen by B where its place in B lies within B's borders: four inequalities that are linear in A's
 * coordinates, and a fifth for the horizon. So the region is convex, and a box lies in it if its four corners do.
 */
import type { Box } from '../../raster.js';
import { invert, type Size, type Transform } from './transform.js';

/** Numbers a, b, c of a half-plane a x + b y + c ≥ 0. */
type HalfPlane = readonly [number, number, number];

/** Rounding of coordinates must not cost a row of pixels. */
const TOLERANCE = 1e-6;

/**
 * The largest box of whole pixels of A of which B sees every point; of equally large ones the uppermost, then the leftmost.
 * Together: `crop(a, box)` and `crop(warp(b, transform, a).raster, box)`.
 *
 * @param transform from A's pixels to B's.
 * @returns undefined where no pixel of A is seen whole.
 */
export function commonBox(transform: Transform, sizeA: Size, sizeB: Size): Box | undefined {
  const planes = halfPlanes(transform, sizeB);
  const lefts = new Int32Array(sizeA.height + 1);
  const rights = new Int32Array(sizeA.height + 1);
  for (let y = 0; y <= sizeA.height; y++) {
    const [from, to] = spanAt(planes, y, sizeA.width);
    lefts[y] = Math.ceil(from - TOLERANCE);
    rights[y] = Math.floor(to + TOLERANCE);
  }
  let best: Box | undefined;
  let area = 0;
  for (let y = 0; y < sizeA.height; y++) {
    for (let end = y + 1; end <= sizeA.height; end++) {
      const x = Math.max(lefts[y]!, lefts[end]!);
      const width = Math.min(rights[y]!, rights[end]!) - x;
      const height = end - y;
      if (width < 1 || width * height <= area) continue;
      area = width * height;
      best = { x, y, width, height };
    }
  }
  return best;
}

/**
 * Which camera's picture is the narrower one: more of it is seen by the other. Images are best made in its frame, since
 * the other one has pixels for all of it.
 */
export function narrower(transform: Transform, sizeA: Size, sizeB: Size): 'a' | 'b' {
  return seenShare(transform, sizeA, sizeB) >= seenShare(invert(transform), sizeB, sizeA) ? 'a' : 'b';
}

/** The share of A that B sees, by the middle of each of A's rows. */
export function seenShare(transform: Transform, sizeA: Size, sizeB: Size): number {
  const planes = halfPlanes(transform, sizeB);
  let sum = 0;
  for (let y = 0; y < sizeA.height; y++) {
    const [from, to] = spanAt(planes, y + 0.5, sizeA.width);
    sum += Math.max(0, to - from);
  }
  return sum / (sizeA.width * sizeA.height);
}

function halfPlanes([a, b, c, d, e, f, g, h, i]: Transform, { width, height }: Size): readonly HalfPlane[] {
  return [
    [a, b, c],
    [width * g - a, width * h - b, width * i - c],
    [d, e, f],
    [height * g - d, height * h - e, height * i - f],
    [g, h, i],
  ];
}

/** From where to where the line at y lies in all half-planes and within 0 and `width`; empty where the second is smaller. */
function spanAt(planes: readonly HalfPlane[], y: number, width: number): readonly [number, number] {
  let [from, to] = [0, width];
  for (const [a, b, c] of planes) {
    const rest = b * y + c;
    if (a > 0) from = Math.max(from, -rest / a);
    else if (a < 0) to = Math.min(to, -rest / a);
    else if (rest < 0) return [0, -1];
  }
  return [from, to];
}
