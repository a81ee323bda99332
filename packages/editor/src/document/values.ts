/**
 * Drawings of one channel whose pixels are values in the unit of the files, as the counts of a thermal camera: which values there are
 * to paint with, what a network reads, and how they are shown. Depends on the scene.
 */
import type { Rect } from './rect.js';
import { type Maps, noLabel } from './scene.js';

/** Black and white. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** Values of a range at equal distances, its ends included, as 32-bit floating point has them. */
export function evenValues({ low, high }: ValueRange, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.fround(low + (i / (count - 1)) * (high - low)));
}

/** The values of a rectangle, row by row: those of the labels, and the scene's own where there is none. */
export function valuesOf(
  { width, labels }: Pick<Maps, 'width' | 'labels'>,
  own: Float32Array | undefined,
  levels: ArrayLike<number>,
  rect: Rect,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(rect.width * rect.height);
  let to = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++)
    for (let at = y * width + rect.x; at < y * width + rect.x + rect.width; at++) {
      const label = labels[at]!;
      values[to++] = label === noLabel && own !== undefined ? own[at]! : (levels[label] ?? 0);
    }
  return values;
}

/** The grey, 0…255, as which a value is shown. */
export function greyOf(value: number, { low, high }: ValueRange): number {
  return Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low))));
}

/** A value in at most six digits. */
export function readable(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** The value that is shown as a grey, 0…255. */
export function valueOfGrey(grey: number, { low, high }: ValueRange): number {
  return Math.fround(low + (grey / 255) * (high - low));
}
