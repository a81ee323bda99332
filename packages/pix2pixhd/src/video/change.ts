/**
 * How much two frames differ, place by place, and by which measure that is much. Pure; depends on the image types.
 *
 * Changes are means over 5×5 pixels, which sensor noise moves little and a small object much. They are compared with the
 * contrast of the frame (the standard deviation of its values), so that the same thresholds serve 8 bits and 16 bits of which a
 * scene uses a few.
 */
import type { ImageRaster } from '../raster.js';

const RADIUS = 2;

/** Changes up to this share of the contrast are noise. */
export const STILL = 0.06;
/** Changes from this share of the contrast on are motion. */
export const MOVING = 0.18;

/** Values of a frame, or of what is compared with one. */
type Values = ArrayLike<number>;

/** The standard deviation of all values. */
export function contrastOf({ data }: Pick<ImageRaster, 'data'>): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    sum += value;
    squares += value * value;
  }
  const mean = sum / data.length;
  return Math.sqrt(Math.max(0, squares / data.length - mean * mean));
}

/**
 * The change at each pixel, in units of the contrast: the largest difference of its channels, as a mean over 5×5 pixels, or as
 * many as there are at the edge.
 *
 * @param before values like those of the frame, (H, W, C).
 * @param contrast of the frame; where it is 0, any change is infinite.
 * @returns (H, W).
 */
export function changes(frame: ImageRaster, before: Values, contrast: number): Float32Array {
  const { width, height, channels, data } = frame;
  const difference = new Float32Array(width * height);
  for (let i = 0, from = 0; i < difference.length; i++)
    for (let c = 0; c < channels; c++, from++) {
      const change = Math.abs(data[from]! - before[from]!);
      if (change > difference[i]!) difference[i] = change;
    }
  const means = boxMeans(difference, width, height);
  for (let i = 0; i < means.length; i++) means[i] = means[i] === 0 ? 0 : means[i]! / contrast;
  return means;
}

/** Means over squares of 5×5 values, cut off at the edges: rows first, then columns. */
export function boxMeans(values: Float32Array, width: number, height: number): Float32Array {
  const rows = new Float32Array(values.length);
  for (let y = 0; y < height; y++) means(values, rows, y * width, 1, width);
  const out = new Float32Array(values.length);
  for (let x = 0; x < width; x++) means(rows, out, x, width, height);
  return out;
}

/** Means of each value and its neighbours in a line of `length` values, `step` apart. */
function means(from: Float32Array, to: Float32Array, start: number, step: number, length: number): void {
  for (let i = 0; i < length; i++) {
    const first = Math.max(0, i - RADIUS);
    const last = Math.min(length - 1, i + RADIUS);
    let sum = 0;
    for (let k = first; k <= last; k++) sum += from[start + k * step]!;
    to[start + i * step] = sum / (last - first + 1);
  }
}
