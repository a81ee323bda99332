/** The pixels of what a person draws: dots, strokes, lines, rectangles, ellipses, polygons, areas. Depends on mask.ts. */
import { type AddRun, Mask } from './mask.js';

/** A place on the canvas in pixels; a pixel's centre is at a half. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Canvas {
  readonly width: number;
  readonly height: number;
}

/**
 * A stroke of a round brush: all pixels whose centres are at most half its size from the line through the points.
 * @param sizes the brush's diameter at each point, at least 1: a pen's pressure changes it.
 */
export function stroke({ width, height }: Canvas, points: readonly Point[], sizes: readonly number[]): Mask {
  return Mask.build(width, height, add => {
    points.forEach((point, i) => {
      const radius = sizes[i]! / 2;
      if (i === 0) addDot(add, point, radius, height);
      else addCapsule(add, points[i - 1]!, point, sizes[i - 1]! / 2, radius, height);
    });
  });
}

/** A rectangle between two corners, both included. */
export function rectangle({ width, height }: Canvas, a: Point, b: Point): Mask {
  const [left, right] = [Math.floor(Math.min(a.x, b.x)), Math.floor(Math.max(a.x, b.x)) + 1];
  const [top, bottom] = [Math.floor(Math.min(a.y, b.y)), Math.floor(Math.max(a.y, b.y)) + 1];
  return Mask.build(width, height, add => {
    for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) add(y, left, right);
  });
}

/** The ellipse inside the rectangle between two corners. */
export function ellipse({ width, height }: Canvas, a: Point, b: Point): Mask {
  const centre = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const [rx, ry] = [Math.max(0.5, Math.abs(a.x - b.x) / 2), Math.max(0.5, Math.abs(a.y - b.y) / 2)];
  return Mask.build(width, height, add => {
    for (const y of rowsOf(centre.y - ry, centre.y + ry, height)) {
      const half = rx * Math.sqrt(Math.max(0, 1 - ((y + 0.5 - centre.y) / ry) ** 2));
      addSpan(add, y, centre.x - half, centre.x + half);
    }
  });
}

/** The inside of a closed outline; where it crosses itself, what is enclosed an odd number of times. */
export function polygon({ width, height }: Canvas, points: readonly Point[]): Mask {
  const [top, bottom] = [Math.min(...points.map(({ y }) => y)), Math.max(...points.map(({ y }) => y))];
  return Mask.build(width, height, add => {
    for (const y of rowsOf(top, bottom, height)) {
      const middle = y + 0.5;
      const crossings: number[] = [];
      points.forEach((from, i) => {
        const to = points[(i + 1) % points.length]!;
        if (from.y <= middle === to.y <= middle) return;
        crossings.push(from.x + ((middle - from.y) / (to.y - from.y)) * (to.x - from.x));
      });
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) addSpan(add, y, crossings[i]!, crossings[i + 1]!);
    }
  });
}

/** The connected area of equal values around a pixel, by its four neighbours; empty where that lies outside. */
export function area(
  { width, height, values }: Canvas & { readonly values: Uint16Array | Int32Array | Uint32Array },
  { x, y }: Point,
): Mask {
  const [startX, startY] = [Math.floor(x), Math.floor(y)];
  if (startX < 0 || startY < 0 || startX >= width || startY >= height) return Mask.empty(width, height);
  const value = values[startY * width + startX]!;
  const seen = new Uint8Array(width * height);
  const open = [startY * width + startX];
  return Mask.build(width, height, add => {
    while (open.length > 0) {
      const at = open.pop()!;
      if (seen[at]) continue;
      const row = Math.floor(at / width) * width;
      let [from, to] = [at, at + 1];
      while (from > row && values[from - 1] === value && !seen[from - 1]) from--;
      while (to < row + width && values[to] === value && !seen[to]) to++;
      seen.fill(1, from, to);
      add(row / width, from - row, to - row);
      for (const beside of [-width, width])
        for (let i = from; i < to; i++) {
          const next = i + beside;
          if (values[next] === value && !seen[next] && (i === from || values[next - 1] !== value || seen[next - 1]))
            open.push(next);
        }
    }
  });
}

function rowsOf(top: number, bottom: number, height: number): number[] {
  const first = Math.max(0, Math.ceil(top - 0.5));
  const last = Math.min(height - 1, Math.ceil(bottom - 0.5) - 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/** The pixels of a row whose centres lie from `left` to `right`. */
function addSpan(add: AddRun, y: number, left: number, right: number): void {
  const [from, to] = [Math.ceil(left - 0.5), Math.ceil(right - 0.5)];
  if (to > from) add(y, from, to);
}

function addDot(add: AddRun, { x, y }: Point, radius: number, height: number): void {
  // The pixel under the pointer, however small the brush.
  add(Math.floor(y), Math.floor(x), Math.floor(x) + 1);
  for (const row of rowsOf(y - radius, y + radius, height)) {
    const half = Math.sqrt(Math.max(0, radius ** 2 - (row + 0.5 - y) ** 2));
    addSpan(add, row, x - half, x + half);
  }
}

/** Two dots and what lies between them. */
function addCapsule(add: AddRun, a: Point, b: Point, radiusA: number, radiusB: number, height: number): void {
  addDot(add, a, radiusA, height);
  addDot(add, b, radiusB, height);
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  // Dots close enough that no pixel between two of them differs from the straight outline.
  const step = Math.max(0.25, Math.min(radiusA, radiusB) / 8);
  for (let at = step; at < length; at += step) {
    const share = at / length;
    const middle = { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) };
    addDot(add, middle, radiusA + share * (radiusB - radiusA), height);
  }
}
