/**
 * How much two frames differ, place by place, and by which measure that is much. Pure; depends on the image types.
 *
 * Changes are means over 5×5 pixels, which sensor noise moves little and a small object much. Each then counts for all pixels
 * within 12 of it, since a network's output moves around an object as well. They are compared with the contrast of the frame
 * (the standard deviation of its values), so that the same thresholds serve 8 bits and 16 bits of which a scene uses a few.
 */
import type { ImageRaster } from '../raster.js';

const RADIUS = 2;
const REACH = 12;

/** Changes up to this share of the contrast are noise. */
export const STILL = 0.08;
/** Changes from this share of the contrast on are motion. */
export const MOVING = 0.2;

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
 * many as there are at the edge; of these the largest within 25×25.
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
  const largest = boxMaxima(boxMeans(difference, width, height), width, height);
  for (let i = 0; i < largest.length; i++) largest[i] = largest[i] === 0 ? 0 : largest[i]! / contrast;
  return largest;
}

/** Means over squares of 5×5 values, cut off at the edges: over columns first, then along each row, by running sums. */
export function boxMeans(values: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(values.length);
  const columns = new Float64Array(width);
  const add = (y: number, sign: number) => {
    const from = y * width;
    for (let x = 0; x < width; x++) columns[x] = columns[x]! + sign * values[from + x]!;
  };
  for (let y = 0; y < Math.min(RADIUS, height); y++) add(y, 1);
  for (let y = 0; y < height; y++) {
    if (y + RADIUS < height) add(y + RADIUS, 1);
    if (y > RADIUS) add(y - RADIUS - 1, -1);
    const rows = Math.min(height - 1, y + RADIUS) - Math.max(0, y - RADIUS) + 1;
    let sum = 0;
    for (let x = 0; x < Math.min(RADIUS, width); x++) sum += columns[x]!;
    for (let x = 0; x < width; x++) {
      if (x + RADIUS < width) sum += columns[x + RADIUS]!;
      if (x > RADIUS) sum -= columns[x - RADIUS - 1]!;
      const count = rows * (Math.min(width - 1, x + RADIUS) - Math.max(0, x - RADIUS) + 1);
      // Running sums may end a rounding error below 0.
      out[y * width + x] = Math.max(0, sum) / count;
    }
  }
  return out;
}

/** Maxima over squares of 25×25 values from 0 on, cut off at the edges: rows first, then columns. */
export function boxMaxima(values: Float32Array, width: number, height: number): Float32Array {
  const longest = blocksFor(Math.max(width, height));
  const [rising, falling] = [new Float32Array(longest), new Float32Array(longest)];
  const rows = new Float32Array(values.length);
  for (let y = 0; y < height; y++) lineMaxima(values, rows, y * width, 1, width, rising, falling);
  const out = new Float32Array(values.length);
  for (let x = 0; x < width; x++) lineMaxima(rows, out, x, width, height, rising, falling);
  return out;
}

const WINDOW = 2 * REACH + 1;

/** The length of a line with its margins, in whole windows. */
function blocksFor(length: number): number {
  return Math.ceil((length + 2 * REACH) / WINDOW) * WINDOW;
}

/**
 * Maxima of each value and its neighbours in a line of `length` values, `step` apart, in time that does not depend on the
 * reach: by the largest values since the start, and until the end, of blocks as long as a window (van Herk, 1992).
 *
 * @param rising as `falling` space to work in, of {@link blocksFor} such a line.
 */
function lineMaxima(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  length: number,
  rising: Float32Array,
  falling: Float32Array,
): void {
  rising.fill(0);
  for (let i = 0; i < length; i++) rising[i + REACH] = from[start + i * step]!;
  falling.set(rising);
  for (let block = 0; block < blocksFor(length); block += WINDOW) {
    const end = block + WINDOW;
    for (let i = block + 1; i < end; i++) if (rising[i - 1]! > rising[i]!) rising[i] = rising[i - 1]!;
    for (let i = end - 2; i >= block; i--) if (falling[i + 1]! > falling[i]!) falling[i] = falling[i + 1]!;
  }
  for (let i = 0; i < length; i++) to[start + i * step] = Math.max(falling[i]!, rising[i + WINDOW - 1]!);
}
