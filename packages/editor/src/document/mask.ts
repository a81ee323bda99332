/**
 * Sets of pixels that never change: what objects are made of. A changed set shares all tiles that did not change with the one
 * before, so that every step of a long history can be kept. Depends on rect.ts.
 */
import { around, overlap, type Rect } from './rect.js';

/** Side of a tile in pixels. A tile has one bit a pixel: two words a row. */
const tileSide = 64;
const wordsPerRow = tileSide / 32;
const wordsPerTile = tileSide * wordsPerRow;

type Tile = Uint32Array;

/** A set of pixels of a canvas. */
export class Mask {
  readonly width: number;
  readonly height: number;
  /** By number, row by row; none where no pixel of it is in the set. */
  readonly #tiles: ReadonlyMap<number, Tile>;
  #bounds: Rect | null | undefined;
  #area: number | undefined;

  private constructor(width: number, height: number, tiles: ReadonlyMap<number, Tile>) {
    this.width = width;
    this.height = height;
    this.#tiles = tiles;
  }

  /** No pixel. */
  static empty(width: number, height: number): Mask {
    return new Mask(width, height, new Map());
  }

  /** The pixels that a function adds run by run; what lies outside the canvas is left out. */
  static build(width: number, height: number, fill: (add: AddRun) => void): Mask {
    const tiles = new Map<number, Tile>();
    const across = Math.ceil(width / tileSide);
    fill((y, from, to) => {
      if (y < 0 || y >= height) return;
      const end = Math.min(width, to);
      for (let x = Math.max(0, from); x < end; ) {
        const number = Math.floor(y / tileSide) * across + Math.floor(x / tileSide);
        let tile = tiles.get(number);
        if (tile === undefined) tiles.set(number, (tile = new Uint32Array(wordsPerTile)));
        const wordEnd = Math.min(end, x - (x % 32) + 32);
        tile[(y % tileSide) * wordsPerRow + Math.floor((x % tileSide) / 32)]! |= bits(x % 32, wordEnd - x);
        x = wordEnd;
      }
    });
    return new Mask(width, height, tiles);
  }

  /** The pixels of a rectangle for which a function says so. */
  static where(width: number, height: number, rect: Rect, holds: (x: number, y: number) => boolean): Mask {
    return Mask.build(width, height, add => {
      for (let y = rect.y; y < rect.y + rect.height; y++) {
        let from = -1;
        for (let x = rect.x; x <= rect.x + rect.width; x++) {
          const inside = x < rect.x + rect.width && holds(x, y);
          if (inside && from < 0) from = x;
          if (inside || from < 0) continue;
          add(y, from, x);
          from = -1;
        }
      }
    });
  }

  get isEmpty(): boolean {
    return this.#tiles.size === 0;
  }

  /** How many bytes of tiles it has that another set does not share. */
  bytesBeside(other: Mask | undefined): number {
    let bytes = 0;
    for (const [number, tile] of this.#tiles)
      if (other === undefined || other.#tiles.get(number) !== tile) bytes += tile.byteLength;
    return bytes;
  }

  has(x: number, y: number): boolean {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return false;
    const tile = this.#tiles.get(this.#tileAt(x, y));
    if (tile === undefined) return false;
    const word = tile[(y % tileSide) * wordsPerRow + Math.floor((x % tileSide) / 32)]!;
    return ((word >>> (x % 32)) & 1) === 1;
  }

  /** How many pixels. */
  get area(): number {
    if (this.#area !== undefined) return this.#area;
    let sum = 0;
    for (const tile of this.#tiles.values()) for (const word of tile) sum += ones(word);
    return (this.#area = sum);
  }

  /** The smallest rectangle around it; null where it is empty. */
  get bounds(): Rect | null {
    if (this.#bounds !== undefined) return this.#bounds;
    let bounds: Rect | null = null;
    for (const [y, from, to] of this.runs()) bounds = around(bounds, { x: from, y, width: to - from, height: 1 });
    return (this.#bounds = bounds);
  }

  /** The pixels of either set. */
  union(other: Mask): Mask {
    return this.#combined(other, (a, b) => a | b);
  }

  /** The pixels that the other set does not have. */
  subtract(other: Mask): Mask {
    return this.#combined(other, (a, b) => a & ~b);
  }

  /** Whether both have a pixel in common. */
  meets(other: Mask): boolean {
    for (const [number, tile] of this.#tiles) {
      const theirs = other.#tiles.get(number);
      if (theirs?.some((word, i) => (word & tile[i]!) !== 0)) return true;
    }
    return false;
  }

  equals(other: Mask): boolean {
    if (this.width !== other.width || this.height !== other.height || this.#tiles.size !== other.#tiles.size)
      return false;
    for (const [number, tile] of this.#tiles) {
      const theirs = other.#tiles.get(number);
      if (theirs === tile) continue;
      if (theirs === undefined || theirs.some((word, i) => word !== tile[i]!)) return false;
    }
    return true;
  }

  /** Its pixels as runs (row, first column, column after the last), tile by tile; inside a rectangle if one is given. */
  *runs(inside?: Rect): Generator<readonly [y: number, from: number, to: number]> {
    const across = Math.ceil(this.width / tileSide);
    for (const [number, tile] of this.#tiles) {
      const [left, top] = [(number % across) * tileSide, Math.floor(number / across) * tileSide];
      const part = overlap(inside ?? { x: 0, y: 0, width: this.width, height: this.height }, {
        x: left,
        y: top,
        width: tileSide,
        height: tileSide,
      });
      if (part === null) continue;
      for (let y = part.y; y < part.y + part.height; y++) yield* runsOfRow(tile, left, y, top, part);
    }
  }

  /**
   * The set moved, scaled and rotated: pixel centres go where the matrix sends them, and every pixel of the result is one
   * whose centre came from inside a pixel of this set.
   * @param matrix a, b, c, d, e, f of x' = a·x + c·y + e, y' = b·x + d·y + f, as in SVG.
   * @param canvas what the result is a set of pixels of.
   */
  transformed(matrix: Matrix, { width, height }: { readonly width: number; readonly height: number } = this): Mask {
    const { bounds } = this;
    if (bounds === null) return Mask.empty(width, height);
    const [a, b, c, d, e, f] = matrix;
    const determinant = a * d - b * c;
    if (Math.abs(determinant) < 1e-9) return Mask.empty(width, height);
    const corners = [
      [bounds.x, bounds.y],
      [bounds.x + bounds.width, bounds.y],
      [bounds.x, bounds.y + bounds.height],
      [bounds.x + bounds.width, bounds.y + bounds.height],
    ].map(([x, y]) => [a * x! + c * y! + e, b * x! + d * y! + f] as const);
    const left = Math.max(0, Math.floor(Math.min(...corners.map(([x]) => x))));
    const top = Math.max(0, Math.floor(Math.min(...corners.map(([, y]) => y))));
    const right = Math.min(width, Math.ceil(Math.max(...corners.map(([x]) => x))));
    const bottom = Math.min(height, Math.ceil(Math.max(...corners.map(([, y]) => y))));
    if (right <= left || bottom <= top) return Mask.empty(width, height);
    const target = { x: left, y: top, width: right - left, height: bottom - top };
    return Mask.where(width, height, target, (x, y) => {
      const [u, v] = [x + 0.5 - e, y + 0.5 - f];
      return this.has(Math.floor((d * u - c * v) / determinant), Math.floor((a * v - b * u) / determinant));
    });
  }

  #tileAt(x: number, y: number): number {
    return Math.floor(y / tileSide) * Math.ceil(this.width / tileSide) + Math.floor(x / tileSide);
  }

  /** Word by word; the operation must leave alone what meets zero. */
  #combined(other: Mask, combine: (a: number, b: number) => number): Mask {
    const tiles = new Map(this.#tiles);
    for (const [number, theirs] of other.#tiles) {
      const own = this.#tiles.get(number);
      tiles.delete(number);
      if (own === undefined) {
        if (combine(0, 1) !== 0) tiles.set(number, theirs);
      } else if (theirs === own && combine(1, 1) !== 0) tiles.set(number, own);
      else keepTile(tiles, number, own, theirs, combine, own);
    }
    return new Mask(this.width, this.height, tiles);
  }
}

/** Adds the pixels of row `y` from `from` to `to` (excluded). */
export type AddRun = (y: number, from: number, to: number) => void;

/** x' = a·x + c·y + e, y' = b·x + d·y + f. */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Adds the combination of two tiles, unless it is empty; `unchanged` itself where it equals that. */
function keepTile(
  tiles: Map<number, Tile>,
  number: number,
  a: Tile,
  b: Tile,
  combine: (a: number, b: number) => number,
  unchanged?: Tile,
): void {
  const tile = a.map((word, i) => combine(word, b[i]!));
  if (unchanged?.every((word, i) => word === tile[i]!)) tiles.set(number, unchanged);
  else if (tile.some(word => word !== 0)) tiles.set(number, tile);
}

function* runsOfRow(
  tile: Tile,
  left: number,
  y: number,
  top: number,
  part: Rect,
): Generator<readonly [number, number, number]> {
  const row = (y - top) * wordsPerRow;
  let from = -1;
  const end = part.x + part.width;
  for (let x = part.x; x < end; ) {
    const at = x - left;
    const word = tile[row + (at >> 5)]! >>> (at & 31);
    const rest = Math.min(32 - (at & 31), end - x);
    if (from < 0) {
      // The first pixel of a run, or the end of the word.
      const skip = word === 0 ? rest : Math.min(rest, 31 - Math.clz32(word & -word));
      if (skip < rest) from = x + skip;
      x += skip;
    } else {
      const zeros = ~word;
      const length = zeros === 0 ? rest : Math.min(rest, 31 - Math.clz32(zeros & -zeros));
      x += length;
      if (length < rest) {
        yield [y, from, x];
        from = -1;
      }
    }
  }
  if (from >= 0) yield [y, from, end];
}

/** `count` ones from bit `from` on. */
function bits(from: number, count: number): number {
  return (count === 32 ? -1 : (1 << count) - 1) << from;
}

function ones(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
