/**
 * Plane transforms: what takes a point of one image to the same point of another. Depends on nothing.
 *
 * Coordinates are continuous: the pixel in column i and row j covers [i, i+1] × [j, j+1] and has its centre at
 * (i+½, j+½), so that resizing an image is a mere scaling. (OpenCV has its centre at (i, j).)
 */

/** A homography as a matrix of 3×3, row by row: (x, y) → ((h0 x + h1 y + h2) / w, (h3 x + h4 y + h5) / w), w = h6 x + h7 y + h8. */
export type Transform = readonly [number, number, number, number, number, number, number, number, number];

/** Kinds of transform, by what they can do: 2, 4, 6 and 8 parameters. */
export type TransformModel = 'shift' | 'similarity' | 'affine' | 'homography';

/** Names of the kinds, the stiffest first. */
export const transformModels: readonly TransformModel[] = ['shift', 'similarity', 'affine', 'homography'];

/** A point, or a displacement, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What leaves every point where it is. */
export const identity: Transform = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** Move by (x, y) pixels. */
export function translation(x: number, y: number): Transform {
  return [1, 0, x, 0, 1, y, 0, 0, 1];
}

/** Scale about the origin. */
export function scaling(x: number, y = x): Transform {
  return [x, 0, 0, 0, y, 0, 0, 0, 1];
}

/** Turn by `angle` radians (from x towards y: clockwise as images are seen) and scale, about the origin. */
export function rotation(angle: number, scale = 1): Transform {
  const c = scale * Math.cos(angle);
  const s = scale * Math.sin(angle);
  return [c, -s, 0, s, c, 0, 0, 0, 1];
}

/** The transform that does the last of the list first: `compose(a, b)` takes p to a(b(p)). Its last number is 1 where it can be. */
export function compose(...transforms: readonly Transform[]): Transform {
  return transforms.length === 0 ? identity : normalised(transforms.reduce(multiply));
}

/** The transform that takes points back. @throws RangeError where there is none. */
export function invert(t: Transform): Transform {
  const [a, b, c, d, e, f, g, h, i] = t;
  const p = e * i - f * h;
  const q = f * g - d * i;
  const r = d * h - e * g;
  const determinant = a * p + b * q + c * r;
  if (!Number.isFinite(1 / determinant)) throw new RangeError(`the transform ${t.join(' ')} has no inverse`);
  const adjugate = [p, c * h - b * i, b * f - c * e, q, a * i - c * g, c * d - a * f, r, b * g - a * h, a * e - b * d];
  return normalised(adjugate.map(v => v / determinant) as unknown as Transform);
}

/** Where a point goes. A point on the transform's horizon goes to infinity. */
export function apply(t: Transform, { x, y }: Point): Point {
  const w = t[6] * x + t[7] * y + t[8];
  return { x: (t[0] * x + t[1] * y + t[2]) / w, y: (t[3] * x + t[4] * y + t[5]) / w };
}

/** The corners of an image: top left, top right, bottom right, bottom left. */
export function cornersOf({ width, height }: Size): readonly Point[] {
  return [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: width, y: height },
    { x: 0, y: height },
  ];
}

/** How far apart two transforms take the corners of an image, on average, in pixels of where they take them. */
export function cornerDistance(a: Transform, b: Transform, size: Size): number {
  const distances = cornersOf(size).map(corner => {
    const p = apply(a, corner);
    const q = apply(b, corner);
    return Math.hypot(p.x - q.x, p.y - q.y);
  });
  return distances.reduce((sum, d) => sum + d, 0) / distances.length;
}

/** The same transform between resized images: `from` and `to` are the factors by which its two images became larger. */
export function rescaled(t: Transform, from: Point, to: Point): Transform {
  return compose(scaling(to.x, to.y), t, scaling(1 / from.x, 1 / from.y));
}

/** By how much a transform enlarges lengths at a point: the square root of the Jacobian's determinant. */
export function magnification(t: Transform, point: Point): number {
  const w = t[6] * point.x + t[7] * point.y + t[8];
  const [a, b, c, d, e, f, g, h, i] = t;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return Math.sqrt(Math.abs(determinant / w ** 3));
}

function multiply(a: Transform, b: Transform): Transform {
  const at = (row: number, column: number) =>
    a[3 * row]! * b[column]! + a[3 * row + 1]! * b[3 + column]! + a[3 * row + 2]! * b[6 + column]!;
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)];
}

/** A homography means the same after multiplication with a number. */
function normalised(t: Transform): Transform {
  const last = t[8];
  return Math.abs(last) < 1e-12 ? t : (t.map(v => v / last) as unknown as Transform);
}
