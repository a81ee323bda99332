/**
 * Values of an image between its pixels, for all points of a result. Depends on raster.ts for types.
 *
 * The image's border repeats beyond it. Of whole numbers results are rounded; bicubic ones keep to the range of the values.
 */
import type { PixelArray, Raster } from '../../raster.js';
import type { Size } from './transform.js';

/** How values between pixels are found: ids are never mixed, so they take `nearest`. */
export type Interpolation = 'nearest' | 'linear' | 'bicubic';

/** Where in the source a point of the result lies, as `[x, y]` written into `out`; NaN where nowhere. */
export type PointMap = (x: number, y: number, out: Float64Array) => void;

/** Writes the result's pixels that lie in the source to `out`, and 1 to `valid` for each of them. */
type Interpolate = (raster: Raster, map: PointMap, size: Size, out: PixelArray, valid: Uint8Array) => void;

/** The ways to find values. */
export const interpolate: Readonly<Record<Interpolation, Interpolate>> = {
  nearest: (raster, map, size, out, valid) => eachPoint(nearest, raster, map, size, out, valid),
  linear: (raster, map, size, out, valid) => eachPoint(linear, raster, map, size, out, valid),
  bicubic,
};

/** Write the pixel at the point (x, y) of the source to `to`. */
type Sampler = (raster: Raster, x: number, y: number, out: PixelArray, to: number) => void;

function eachPoint(
  sampler: Sampler,
  raster: Raster,
  map: PointMap,
  { width, height }: Size,
  out: PixelArray,
  valid: Uint8Array,
): void {
  const point = new Float64Array(2);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      map(x + 0.5, y + 0.5, point);
      const [px, py] = point as unknown as [number, number];
      if (!(px >= 0 && py >= 0 && px <= raster.width && py <= raster.height)) continue;
      valid[i] = 1;
      sampler(raster, px, py, out, i * raster.channels);
    }
  }
}

function nearest({ width, height, channels, data }: Raster, x: number, y: number, out: PixelArray, to: number): void {
  const from = (Math.min(Math.floor(y), height - 1) * width + Math.min(Math.floor(x), width - 1)) * channels;
  for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
}

function linear({ width, height, channels, data }: Raster, x: number, y: number, out: PixelArray, to: number): void {
  const px = Math.min(Math.max(x - 0.5, 0), width - 1);
  const py = Math.min(Math.max(y - 0.5, 0), height - 1);
  const left = Math.floor(px);
  const top = Math.floor(py);
  const fx = px - left;
  const fy = py - top;
  const upper = (top * width + left) * channels;
  const right = left + 1 < width ? channels : 0;
  const below = top + 1 < height ? width * channels : 0;
  const whole = !(out instanceof Float32Array);
  for (let c = 0; c < channels; c++) {
    const i = upper + c;
    const above = data[i]! + fx * (data[i + right]! - data[i]!);
    const under = data[i + below]! + fx * (data[i + below + right]! - data[i + below]!);
    const value = above + fy * (under - above);
    out[to + c] = whole ? Math.round(value) : value;
  }
}

/**
 * Cubic convolution with a = −0.5, as for resizing. One loop with everything written out: most of what a recording of two cameras
 * costs is here, and arrays of weights and a call for each pixel took four times as long.
 */
function bicubic(raster: Raster, map: PointMap, size: Size, out: PixelArray, valid: Uint8Array): void {
  const { width, height, channels, data } = raster;
  const [low, high] = limitsOf(data);
  const whole = !(out instanceof Float32Array);
  const line = width * channels;
  const point = new Float64Array(2);
  for (let y = 0, i = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, i++) {
      map(x + 0.5, y + 0.5, point);
      const px = point[0]!;
      const py = point[1]!;
      if (!(px >= 0 && py >= 0 && px <= width && py <= height)) continue;
      valid[i] = 1;
      const left = Math.floor(px - 0.5);
      const top = Math.floor(py - 0.5);
      // Weights of four columns and four rows.
      const s = px - 0.5 - left;
      const t = 1 - s;
      const a0 = -0.5 * s * t * t;
      const a1 = 1 + s * s * (1.5 * s - 2.5);
      const a2 = 1 + t * t * (1.5 * t - 2.5);
      const a3 = -0.5 * t * s * s;
      const u = py - 0.5 - top;
      const v = 1 - u;
      const b0 = -0.5 * u * v * v;
      const b1 = 1 + u * u * (1.5 * u - 2.5);
      const b2 = 1 + v * v * (1.5 * v - 2.5);
      const b3 = -0.5 * v * u * u;
      // Where they begin.
      const x0 = Math.max(left - 1, 0) * channels;
      const x1 = Math.max(left, 0) * channels;
      const x2 = Math.min(left + 1, width - 1) * channels;
      const x3 = Math.min(left + 2, width - 1) * channels;
      let y0 = Math.max(top - 1, 0) * line;
      let y1 = Math.max(top, 0) * line;
      let y2 = Math.min(top + 1, height - 1) * line;
      let y3 = Math.min(top + 2, height - 1) * line;
      const to = i * channels;
      for (let c = 0; c < channels; c++, y0++, y1++, y2++, y3++) {
        const line0 = a0 * data[y0 + x0]! + a1 * data[y0 + x1]! + a2 * data[y0 + x2]! + a3 * data[y0 + x3]!;
        const line1 = a0 * data[y1 + x0]! + a1 * data[y1 + x1]! + a2 * data[y1 + x2]! + a3 * data[y1 + x3]!;
        const line2 = a0 * data[y2 + x0]! + a1 * data[y2 + x1]! + a2 * data[y2 + x2]! + a3 * data[y2 + x3]!;
        const line3 = a0 * data[y3 + x0]! + a1 * data[y3 + x1]! + a2 * data[y3 + x2]! + a3 * data[y3 + x3]!;
        const sum = b0 * line0 + b1 * line1 + b2 * line2 + b3 * line3;
        const value = Math.min(high, Math.max(low, sum));
        out[to + c] = whole ? Math.round(value) : value;
      }
    }
  }
}

/** What values may become: integers keep to their type's range, floating point to that of the image, so that [0, 1] stays [0, 1]. */
function limitsOf(data: PixelArray): [number, number] {
  if (data instanceof Uint8Array) return [0, 255];
  if (data instanceof Uint16Array) return [0, 65535];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
