/**
 * What one transform leaves: small shifts of blocks, pair by pair. Depends on compare.ts, levels.ts, orientation.ts,
 * quantile.ts and transform.ts.
 */
import { type Workspace, warpField, workspaceFor } from './compare.js';
import type { Level, LevelPair } from './levels.js';
import { FIELD_MARGIN, type OrientationField } from './orientation.js';
import { quantile } from './quantile.js';
import type { Point, Transform } from './transform.js';

/** Where a block of a pair fits better. */
export interface BlockShift extends Point {
  readonly pair: number;
  readonly column: number;
  readonly row: number;
}

/** What is left after warping, in pixels of A. */
export interface Remaining {
  /** Blocks of all pairs that both cameras see. */
  readonly blocks: number;
  /** Those of them whose edges tell where they belong. The figures below are of these, and undefined where they are too few. */
  readonly telling: number;
  /** Of the lengths of their shifts. */
  readonly median?: number;
  readonly percentile90?: number;
  /**
   * What the model cannot follow, but is the same in every pair (a lens's distortion, a model that is too stiff): at each place the
   * median over the pairs; of the lengths of these the largest.
   */
  readonly systematic?: number;
  /** What depends on the distance of what is seen. */
  readonly parallax?: Parallax;
}

/**
 * Shifts that differ from pair to pair at the same place but agree with those of neighbouring blocks, as those of near
 * objects do: no plane explains them. Errors of single blocks do not count, since neighbours do not share them.
 */
export interface Parallax {
  /** Root mean square of the shifts along the direction in which they are largest, in pixels of A. */
  readonly pixels: number;
  /** That direction, from x towards y, −90 to 90 degrees: that of the line between the cameras, if it is parallax. */
  readonly degrees: number;
  /** Pairs of neighbouring blocks that it is from. */
  readonly neighbours: number;
}

/** Side of a block, in pixels of a level, and the farthest shift that is tried. */
const BLOCK = 32;
const REACH = 8;
/** Shifts within this belong to the peak. */
const PEAK_RADIUS = 3;
/** How far a block's peak must stand above its second and above the mean, in standard deviations, for the block to tell anything. */
const LEAST_LEAD = 1;
const LEAST_HEIGHT = 3.5;
/** The share of a block that B must see. */
const LEAST_SEEN = 0.8;
/** The least correlation at the peak. */
const LEAST_CORRELATION = 0.3;

/**
 * The shifts of all blocks that tell, in pixels of A itself: the point p of A is seen by B where the transform takes p + shift.
 * @param transform from A's pixels to B's, at this level.
 */
function blockShifts(level: Level, transform: Transform): { shifts: readonly BlockShift[]; blocks: number } {
  const workspace = workspaceFor(level.size);
  const columns = Math.floor((level.size.width - 2 * FIELD_MARGIN) / BLOCK);
  const rows = Math.floor((level.size.height - 2 * FIELD_MARGIN) / BLOCK);
  const left = Math.floor((level.size.width - columns * BLOCK) / 2);
  const top = Math.floor((level.size.height - rows * BLOCK) / 2);
  const shifts: BlockShift[] = [];
  let blocks = 0;
  level.pairs.forEach((pair, index) => {
    warpField(pair, transform, workspace);
    const seen = seenOf(workspace);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const found = shiftOfBlock(pair, seen, left + column * BLOCK, top + row * BLOCK);
        if (found === 'unseen') continue;
        blocks++;
        if (found === undefined) continue;
        shifts.push({ pair: index, column, row, x: found.x / level.scaleA.x, y: found.y / level.scaleA.y });
      }
    }
  });
  return { shifts, blocks };
}

/** Edges of B in A's frame, 0 where B sees nothing, with the sums that blocks of them need. */
interface Seen {
  readonly field: OrientationField;
  /** Of squares and of pixels that are seen, over all that is above and to the left. */
  readonly squares: Float64Array;
  readonly pixels: Float64Array;
}

function seenOf({ field, valid }: Workspace): Seen {
  const { width, height, cos, sin } = field;
  const squares = new Float64Array((width + 1) * (height + 1));
  const pixels = new Float64Array((width + 1) * (height + 1));
  for (let y = 0, i = 0; y < height; y++) {
    let [square, pixel] = [0, 0];
    for (let x = 0; x < width; x++, i++) {
      if (valid[i] === 0) cos[i] = sin[i] = 0;
      square += cos[i]! * cos[i]! + sin[i]! * sin[i]!;
      pixel += valid[i]!;
      const o = (y + 1) * (width + 1) + x + 1;
      squares[o] = squares[o - width - 1]! + square;
      pixels[o] = pixels[o - width - 1]! + pixel;
    }
  }
  return { field, squares, pixels };
}

function sumOfBlock(table: Float64Array, width: number, left: number, top: number): number {
  const upper = top * (width + 1) + left;
  const lower = upper + BLOCK * (width + 1);
  return table[lower + BLOCK]! - table[lower]! - table[upper + BLOCK]! + table[upper]!;
}

/** Undefined where the block does not tell, `unseen` where B does not see most of what it is compared with. */
function shiftOfBlock({ field }: LevelPair, seen: Seen, left: number, top: number): Point | 'unseen' | undefined {
  const { width, height } = field;
  const side = 2 * REACH + 1;
  const surface = new Float64Array(side * side).fill(-1);
  const squares = agreement(field, field, left, top, left, top);
  let tried = 0;
  for (let dy = -REACH, o = 0; dy <= REACH; dy++) {
    for (let dx = -REACH; dx <= REACH; dx++, o++) {
      const [x, y] = [left + dx, top + dy];
      if (x < 0 || y < 0 || x + BLOCK > width || y + BLOCK > height) continue;
      if (sumOfBlock(seen.pixels, width, x, y) < LEAST_SEEN * BLOCK * BLOCK) continue;
      tried++;
      const other = sumOfBlock(seen.squares, width, x, y);
      if (squares * other > 1e-9)
        surface[o] = agreement(field, seen.field, left, top, x, y) / Math.sqrt(squares * other);
    }
  }
  return tried < surface.length / 2 ? 'unseen' : peakOf(surface, side);
}

/** u·v over a block of one field and a block of another. */
function agreement(a: OrientationField, b: OrientationField, ax: number, ay: number, bx: number, by: number): number {
  const { width, cos: ac, sin: as } = a;
  const { cos: bc, sin: bs } = b;
  let sum = 0;
  for (let y = 0; y < BLOCK; y++) {
    let p = (ay + y) * width + ax;
    let q = (by + y) * width + bx;
    for (const end = p + BLOCK; p < end; p++, q++) sum += ac[p]! * bc[q]! + as[p]! * bs[q]!;
  }
  return sum;
}

/** The clear peak of a surface, to a fraction of a pixel by parabolas. */
function peakOf(surface: Float64Array, side: number): Point | undefined {
  let peak = 0;
  for (let i = 1; i < surface.length; i++) if (surface[i]! > surface[peak]!) peak = i;
  const px = peak % side;
  const py = Math.floor(peak / side);
  const score = surface[peak]!;
  if (px === 0 || py === 0 || px === side - 1 || py === side - 1 || score < LEAST_CORRELATION) return undefined;
  let [sum, squares, count, second] = [0, 0, 0, -1];
  for (let i = 0; i < surface.length; i++) {
    const value = surface[i]!;
    if (value === -1 || Math.hypot((i % side) - px, Math.floor(i / side) - py) <= PEAK_RADIUS) continue;
    sum += value;
    squares += value * value;
    count++;
    if (value > second) second = value;
  }
  const mean = sum / count;
  const spread = Math.sqrt(Math.max(0, squares / count - mean * mean));
  if (!(score - second >= LEAST_LEAD * spread && score - mean >= LEAST_HEIGHT * spread)) return undefined;
  const fraction = (before: number, after: number) => {
    if (before === -1 || after === -1) return undefined;
    const bend = before + after - 2 * score;
    return bend < 0 ? (before - after) / (2 * bend) : undefined;
  };
  const fx = fraction(surface[peak - 1]!, surface[peak + 1]!);
  const fy = fraction(surface[peak - side]!, surface[peak + side]!);
  if (fx === undefined || fy === undefined) return undefined;
  return { x: px - REACH + fx, y: py - REACH + fy };
}

/** The least number of blocks for a figure, of pairs for a place's median, and of neighbours for the parallax. */
const LEAST_BLOCKS = 5;
const LEAST_PAIRS = 3;
const LEAST_NEIGHBOURS = 8;

/** What is left after warping by `transform`, which is from A's pixels to B's at this level. */
export function remaining(level: Level, transform: Transform): Remaining {
  const { shifts, blocks } = blockShifts(level, transform);
  const report = { blocks, telling: shifts.length };
  if (shifts.length < LEAST_BLOCKS) return report;
  const lengths = shifts.map(({ x, y }) => Math.hypot(x, y));
  const means = placeMedians(shifts);
  const parallax = parallaxOf(shifts, means);
  return {
    ...report,
    median: quantile(lengths, 0.5),
    percentile90: quantile(lengths, 0.9),
    ...(means.size > 0 ? { systematic: Math.max(...[...means.values()].map(({ x, y }) => Math.hypot(x, y))) } : {}),
    ...(parallax === undefined ? {} : { parallax }),
  };
}

const placeOf = ({ column, row }: BlockShift) => `${column},${row}`;

/** The median shift of each place that enough pairs tell something of. */
function placeMedians(shifts: readonly BlockShift[]): ReadonlyMap<string, Point> {
  const places = new Map<string, BlockShift[]>();
  for (const shift of shifts) places.set(placeOf(shift), [...(places.get(placeOf(shift)) ?? []), shift]);
  const medians = new Map<string, Point>();
  for (const [place, own] of places) {
    if (own.length < LEAST_PAIRS) continue;
    medians.set(place, {
      x: quantile(
        own.map(({ x }) => x),
        0.5,
      ),
      y: quantile(
        own.map(({ y }) => y),
        0.5,
      ),
    });
  }
  return medians;
}

/** The covariance of neighbours, and its larger axis. */
function parallaxOf(shifts: readonly BlockShift[], means: ReadonlyMap<string, Point>): Parallax | undefined {
  const rest = new Map<string, Point>();
  const keyOf = (pair: number, column: number, row: number) => `${pair}:${column},${row}`;
  for (const shift of shifts) {
    const mean = means.get(placeOf(shift));
    if (mean === undefined) continue;
    rest.set(keyOf(shift.pair, shift.column, shift.row), { x: shift.x - mean.x, y: shift.y - mean.y });
  }
  let [xx, xy, yy, neighbours] = [0, 0, 0, 0];
  for (const { pair, column, row } of shifts) {
    const own = rest.get(keyOf(pair, column, row));
    for (const other of [rest.get(keyOf(pair, column + 1, row)), rest.get(keyOf(pair, column, row + 1))]) {
      if (own === undefined || other === undefined) continue;
      xx += own.x * other.x;
      xy += (own.x * other.y + own.y * other.x) / 2;
      yy += own.y * other.y;
      neighbours++;
    }
  }
  if (neighbours < LEAST_NEIGHBOURS) return undefined;
  const largest = (xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy);
  const degrees = (Math.atan2(2 * xy, xx - yy) / 2) * (180 / Math.PI);
  return { pixels: Math.sqrt(Math.max(0, largest / neighbours)), degrees, neighbours };
}
