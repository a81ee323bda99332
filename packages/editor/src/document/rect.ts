/** Rectangles of whole pixels. Pure arithmetic. */

/** From `x`, `y` (included) on; not empty. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest rectangle around both; either may be missing. */
export function around(a: Rect | null, b: Rect | null): Rect | null {
  if (a === null || b === null) return a ?? b;
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  const right = Math.max(a.x + a.width, b.x + b.width);
  const bottom = Math.max(a.y + a.height, b.y + b.height);
  return { x, y, width: right - x, height: bottom - y };
}

/** What two rectangles share, or null. */
export function overlap(a: Rect, b: Rect): Rect | null {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** The rectangle with a margin on all sides, inside a canvas. */
export function grown(rect: Rect, margin: number, canvas: { readonly width: number; readonly height: number }): Rect {
  const [x, y] = [Math.max(0, rect.x - margin), Math.max(0, rect.y - margin)];
  const right = Math.min(canvas.width, rect.x + rect.width + margin);
  const bottom = Math.min(canvas.height, rect.y + rect.height + margin);
  return { x, y, width: right - x, height: bottom - y };
}

/** Where no pixel changes, only looks: a rectangle is never empty. */
export const noPixels: Rect = { x: 0, y: 0, width: 1, height: 1 };
