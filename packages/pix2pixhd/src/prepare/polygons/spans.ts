/**
 * Which pixels a shape covers, as spans of rows. Depends on the common form and `runs.ts`.
 *
 * A pixel belongs to an outline if its centre lies inside, by the even-odd rule: so many edges cross its row at or left of
 * the centre that their number is odd. An edge takes its upper end and not its lower one, and a centre on an edge is right
 * of it; so of outlines that share an edge exactly one has each pixel along it.
 */
import type { Mask, Ring, Shape, Size } from './annotations.js';
import { runsOfPixels } from './runs.js';

/** Pixels of an image, row by row. */
export interface Spans {
  /** Triples of row, first column, and the column after the last; no two of them overlap. */
  readonly triples: Int32Array;
  /** How many pixels they are. */
  readonly area: number;
}

/** The pixels of a shape that lie in an image of that size. */
export function spansOf(shape: Shape, size: Size): Spans {
  return 'mask' in shape ? spansOfMask(shape.mask, size) : spansOfRings(shape.rings, shape.fill, size);
}

class SpanList {
  #triples = new Int32Array(192);
  #length = 0;
  #area = 0;

  add(row: number, from: number, to: number): void {
    if (from >= to) return;
    if (this.#length + 3 > this.#triples.length) {
      const larger = new Int32Array(2 * this.#triples.length);
      larger.set(this.#triples);
      this.#triples = larger;
    }
    this.#triples[this.#length++] = row;
    this.#triples[this.#length++] = from;
    this.#triples[this.#length++] = to;
    this.#area += to - from;
  }

  done(): Spans {
    return { triples: this.#triples.slice(0, this.#length), area: this.#area };
  }
}

/** @param fill whether rings are counted together, so that one in another is a hole, or each by itself. */
export function spansOfRings(rings: readonly Ring[], fill: 'even-odd' | 'union', { width, height }: Size): Spans {
  const groups = fill === 'union' ? rings.length : 1;
  const list = new SpanList();
  const inside = new Uint8Array(groups);
  forEachRow(rings, groups, width, height, (row, crossings) => {
    let around = 0;
    let from = 0;
    inside.fill(0);
    for (const crossing of crossings) {
      const group = crossing % groups;
      const column = (crossing - group) / groups;
      if (around > 0 && column > from) list.add(row, from, column);
      around += (inside[group]! ^= 1) === 1 ? 1 : -1;
      from = column;
    }
  });
  return list.done();
}

/**
 * Gives, for each row that edges cross, where: the first pixel whose centre is right of the edge, times `groups`, plus the
 * ring's group; sorted.
 */
function forEachRow(
  rings: readonly Ring[],
  groups: number,
  width: number,
  height: number,
  visit: (row: number, crossings: Float64Array) => void,
): void {
  const ends = new Int32Array(height + 1);
  for (const ring of rings)
    forEachEdge(ring, height, (first, after) => {
      ends[first + 1]!++;
      if (after < height) ends[after + 1]!--;
    });
  // Sums of where edges begin and end are how many cross a row; sums of those, where a row's crossings end.
  for (let row = 1; row <= height; row++) ends[row]! += ends[row - 1]!;
  for (let row = 1; row <= height; row++) ends[row]! += ends[row - 1]!;
  const crossings = new Float64Array(ends[height]!);
  const next = ends.slice(0, height);
  rings.forEach((ring, i) => {
    const group = i % groups;
    forEachEdge(ring, height, (first, after, x0, y0, x1, y1) => {
      const run = x1 - x0;
      const rise = y1 - y0;
      const slope = run / rise;
      for (let row = first; row < after; row++) {
        const down = row + 0.5 - y0;
        const column = columnRightOf(x0, x0 + down * slope, rise, down * run);
        crossings[next[row]!++] = Math.min(Math.max(column, 0), width) * groups + group;
      }
    });
  });
  for (let row = 0; row < height; row++)
    if (ends[row]! < ends[row + 1]!) visit(row, sorted(crossings.subarray(ends[row]!, ends[row + 1]!)));
}

/** Gives every edge with the rows whose centres it crosses, its upper end first. */
function forEachEdge(
  ring: Ring,
  height: number,
  visit: (first: number, after: number, x0: number, y0: number, x1: number, y1: number) => void,
): void {
  const { length } = ring;
  let x0 = ring[length - 2]!;
  let y0 = ring[length - 1]!;
  for (let i = 0; i < length; i += 2) {
    const x1 = ring[i]!;
    const y1 = ring[i + 1]!;
    const first = Math.max(0, Math.ceil(Math.min(y0, y1) - 0.5));
    const after = Math.min(height, Math.ceil(Math.max(y0, y1) - 0.5));
    if (first < after) {
      if (y0 < y1) visit(first, after, x0, y0, x1, y1);
      else visit(first, after, x1, y1, x0, y0);
    }
    x0 = x1;
    y0 = y1;
  }
}

/**
 * The first column whose centre is right of an edge, or on it, in a row that the edge crosses at `x`. That is right but for
 * its last digits; which side the centres beside it are on is told by products, which are exact for coordinates of few digits.
 *
 * @param x0 of the edge's upper end.
 * @param product of how far the row is below that end and how far the edge goes to the right.
 */
function columnRightOf(x0: number, x: number, rise: number, product: number): number {
  const column = Math.ceil(x - 0.5);
  if ((column - 0.5 - x0) * rise >= product) return column - 1;
  return (column + 0.5 - x0) * rise < product ? column + 1 : column;
}

/** Sorted in place: most rows have a handful. */
function sorted(values: Float64Array): Float64Array {
  if (values.length > 32) return values.sort();
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
  return values;
}

/** The pixels of a mask within an image. */
export function spansOfMask(mask: Mask, { width, height }: Size): Spans {
  const list = new SpanList();
  const rows = mask.order === 'rows' ? mask.runs : rowsOfColumns(mask);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const end = at + rows[i]!;
    if (i % 2 === 1)
      while (at < end) {
        const row = Math.floor(at / mask.width);
        const stop = Math.min(end, (row + 1) * mask.width);
        const left = mask.x - row * mask.width;
        if (row + mask.y >= 0 && row + mask.y < height)
          list.add(row + mask.y, Math.max(0, at + left), Math.min(width, stop + left));
        at = stop;
      }
    at = end;
  }
  return list.done();
}

/** Runs along rows, of a mask whose runs are along columns. */
function rowsOfColumns({ width, height, runs }: Mask): number[] {
  const pixels = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < runs.length; i++) {
    const end = at + runs[i]!;
    if (i % 2 === 1) for (let p = at; p < end; p++) pixels[(p % height) * width + Math.floor(p / height)] = 1;
    at = end;
  }
  return runsOfPixels(pixels.length, i => pixels[i] === 1);
}
