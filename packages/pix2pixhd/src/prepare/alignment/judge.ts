/**
 * Whether images tell how they lie over each other, and how far apart they are. Depends on estimate.ts, search.ts, uncertainty.ts
 * and transform.ts.
 */
import { atLevel, type Estimate } from './estimate.js';
import { prominenceAt } from './search.js';
import {
  apply,
  compose,
  cornersOf,
  invert,
  type Point,
  type Size,
  type Transform,
  type TransformModel,
} from './transform.js';
import { standardErrors } from './uncertainty.js';

/** Why images do not tell. */
export const reasons = {
  'no-edges': 'one of them is flat, or too little of it is seen by both',
  'no-peak': 'their edges agree no better here than at other shifts',
  'not-unique': 'their edges agree almost as well at another shift',
  uncertain: 'parts of them contradict each other, or too few of them tell anything',
} as const;

/** Why images do not tell: a key of {@link reasons}. */
export type Reason = keyof typeof reasons;

/** They do not tell. */
export interface CannotTell {
  readonly known: false;
  readonly reason: Reason;
}

/** How far a transform is from the one that was expected, in pixels of A. */
export interface Displacement {
  /** Of the middle of A: its point p is seen where p + centre was expected. */
  readonly centre: Point;
  /** The mean length over A. */
  readonly mean: number;
  /** The mean length at A's corners. */
  readonly corners: number;
  /** Half the width of the 95 % interval of positions: of the mean over A, and at its corners. */
  readonly uncertainty: { readonly mean: number; readonly corners: number };
}

/** An estimate that stands, how clearly, and how far it may be off. */
export interface Judged {
  readonly known: true;
  readonly displacement: Displacement;
  /** Standard deviations by which the agreement is above that at other shifts, and above the best of them. */
  readonly height: number;
  readonly lead: number;
}

/**
 * Bounds for {@link Judged.height} and {@link Judged.lead}. Unrelated and noisy images reached 4.5 and 1.6 but not both 5 and 1.2;
 * docs/alignment.md has the figures.
 */
const LEAST_HEIGHT = 5;
const LEAST_LEAD = 1.2;
/** How far from the peak to look for others, as a share of A's sides. */
const SURROUNDINGS = 0.12;
/** The widest interval, as a share of A's diagonal, that is still worth telling. */
const WIDEST = 0.03;
/** 95 % of a normal distribution lies within so many standard deviations. */
const Z95 = 1.96;

/** Judge an estimate against where A was expected to be seen. */
export function judge(
  found: Estimate | undefined,
  model: TransformModel,
  size: Size,
  expected: Transform,
): Judged | CannotTell {
  if (found === undefined) return { known: false, reason: 'no-edges' };
  const { height, lead } = prominenceAt(found.level, atLevel(found.transform, found.level), SURROUNDINGS);
  if (!(height >= LEAST_HEIGHT)) return { known: false, reason: 'no-peak' };
  if (!(lead >= LEAST_LEAD)) return { known: false, reason: 'not-unique' };
  const corners = cornersOf(size);
  const grid = gridOf(size);
  const errors = standardErrors(found, model, [...corners, ...grid]);
  if (errors === undefined) return { known: false, reason: 'uncertain' };
  const uncertainty = {
    mean: Z95 * rootMeanSquare(errors.slice(corners.length)),
    corners: Z95 * rootMeanSquare(errors.slice(0, corners.length)),
  };
  if (!(uncertainty.mean <= WIDEST * Math.hypot(size.width, size.height))) return { known: false, reason: 'uncertain' };
  const back = compose(invert(expected), found.transform);
  const displacement = {
    centre: displaced(back, { x: size.width / 2, y: size.height / 2 }),
    mean: meanLength(back, grid),
    corners: meanLength(back, corners),
    uncertainty,
  };
  return { known: true, displacement, height, lead };
}

/** The middles of 5 × 5 equal parts. */
function gridOf({ width, height }: Size): readonly Point[] {
  return Array.from({ length: 25 }, (_, k) => ({
    x: (((k % 5) + 0.5) / 5) * width,
    y: ((Math.floor(k / 5) + 0.5) / 5) * height,
  }));
}

function displaced(change: Transform, point: Point): Point {
  const to = apply(change, point);
  return { x: to.x - point.x, y: to.y - point.y };
}

function meanLength(change: Transform, points: readonly Point[]): number {
  const lengths = points.map(point => {
    const { x, y } = displaced(change, point);
    return Math.hypot(x, y);
  });
  return lengths.reduce((sum, v) => sum + v, 0) / lengths.length;
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
}
