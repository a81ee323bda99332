/**
 * Images as another camera would have them: resampled through a map of points. Depends on raster.ts, data/resize and
 * transform.ts.
 */
import { resizeBicubic } from '../../data/resize/resize.js';
import { type ImageRaster, type PixelArray, type Raster, zerosLike } from '../../raster.js';
import { compose, magnification, type Size, scaling, type Transform } from './transform.js';

/** How values between pixels are found: ids are never mixed, so they take `nearest`. */
export type Interpolation = 'nearest' | 'linear' | 'bicubic';

/** Settings of a resampling. */
export interface WarpOptions {
  /** Default: `bicubic` for images, `nearest` for arrays of 32-bit integers. Give `nearest` for id maps of 8 or 16 bits. */
  readonly interpolation?: Interpolation;
  /** The value of pixels that the source does not have; default 0. */
  readonly fill?: number;
}

/** A resampled image. */
export interface Warped<R extends Raster> {
  readonly raster: R;
  /** (H, W): 1 where the pixel's centre lies in the source, 0 where it was filled. */
  readonly valid: Uint8Array;
}

/** Where in the source a point of the result lies, as `[x, y]` written into `out`; NaN where nowhere. */
export type PointMap = (x: number, y: number, out: Float64Array) => void;

/**
 * Warp an image: the result's point p has the value of the source at `transform`(p). With a transform from A's frame to B's, `warp(b,
 * transform, a)` is B as A sees it, and `warp(a, invert(transform), b)` the reverse. Its type stays; channels, alpha
 * included, are treated alike. Where the result is much smaller than the source, the source is reduced first (antialiased),
 * except by `nearest`.
 *
 * @param size of the result.
 * @throws RangeError for `linear` or `bicubic` of 32-bit integers, or sides that are not whole and positive.
 */
export function warp<R extends Raster>(
  raster: R,
  transform: Transform,
  size: Size,
  options: WarpOptions = {},
): Warped<R> {
  const centre = { x: size.width / 2, y: size.height / 2 };
  const shrinks = magnification(transform, centre);
  if (isImage(raster) && interpolationOf(raster, options) !== 'nearest' && shrinks > REDUCE_FROM) {
    const width = Math.max(1, Math.round(raster.width / shrinks));
    const height = Math.max(1, Math.round(raster.height / shrinks));
    const small = resizeBicubic(raster, width, height);
    const toSmall = compose(scaling(width / raster.width, height / raster.height), transform);
    return resample(small as Raster as R, homographyMap(toSmall), size, options);
  }
  return resample(raster, homographyMap(transform), size, options);
}

/** A transform as a map of points; what lies behind its horizon is nowhere. */
export function homographyMap(t: Transform): PointMap {
  return (x, y, out) => {
    const w = t[6] * x + t[7] * y + t[8];
    out[0] = w > 0 ? (t[0] * x + t[1] * y + t[2]) / w : Number.NaN;
    out[1] = w > 0 ? (t[3] * x + t[4] * y + t[5]) / w : Number.NaN;
  };
}

/**
 * Resample an image through any map from points of the result to points of the source.
 * @throws RangeError as {@link warp} does.
 */
export function resample<R extends Raster>(raster: R, map: PointMap, size: Size, options: WarpOptions = {}): Warped<R> {
  const { width, height } = size;
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new RangeError(`cannot resample to ${width}×${height}`);
  }
  const interpolation = interpolationOf(raster, options);
  const sampler = samplers[interpolation];
  const { channels } = raster;
  const data = zerosLike(raster.data, width * height * channels).fill(options.fill ?? 0) as R['data'];
  const valid = new Uint8Array(width * height);
  const [low, high] = interpolation === 'bicubic' ? limitsOf(raster.data) : [0, 0];
  const point = new Float64Array(2);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      map(x + 0.5, y + 0.5, point);
      const [px, py] = point as unknown as [number, number];
      if (!(px >= 0 && py >= 0 && px <= raster.width && py <= raster.height)) continue;
      valid[i] = 1;
      sampler(raster, px, py, data, i * channels, low, high);
    }
  }
  return { raster: { ...raster, width, height, data }, valid };
}

/** From this factor on a linear or cubic kernel would leave out pixels. */
const REDUCE_FROM = 1.25;

function isImage(raster: Raster): raster is ImageRaster {
  return !(raster.data instanceof Int32Array);
}

function interpolationOf(raster: Raster, { interpolation }: WarpOptions): Interpolation {
  if (isImage(raster)) return interpolation ?? 'bicubic';
  if ((interpolation ?? 'nearest') !== 'nearest') throw new RangeError('ids of 32 bits are resampled by nearest only');
  return 'nearest';
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

/** Write the pixel at the point (x, y) of the source to `to`; the source's border repeats beyond it. */
type Sampler = (raster: Raster, x: number, y: number, out: PixelArray, to: number, low: number, high: number) => void;

const samplers: Readonly<Record<Interpolation, Sampler>> = {
  nearest({ width, height, channels, data }, x, y, out, to) {
    const from = (Math.min(Math.floor(y), height - 1) * width + Math.min(Math.floor(x), width - 1)) * channels;
    for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
  },
  linear({ width, height, channels, data }, x, y, out, to) {
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
  },
  bicubic({ width, height, channels, data }, x, y, out, to, low, high) {
    const left = Math.floor(x - 0.5);
    const top = Math.floor(y - 0.5);
    cubicWeights(x - 0.5 - left, columnWeights);
    cubicWeights(y - 0.5 - top, rowWeights);
    const whole = !(out instanceof Float32Array);
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let j = 0; j < 4; j++) {
        const row = Math.min(Math.max(top + j - 1, 0), height - 1) * width;
        let line = 0;
        for (let k = 0; k < 4; k++) {
          const column = Math.min(Math.max(left + k - 1, 0), width - 1);
          line += columnWeights[k]! * data[(row + column) * channels + c]!;
        }
        sum += rowWeights[j]! * line;
      }
      const value = Math.min(high, Math.max(low, sum));
      out[to + c] = whole ? Math.round(value) : value;
    }
  },
};

const columnWeights = new Float64Array(4);
const rowWeights = new Float64Array(4);

/** Weights of the four pixels around a place `t` after the second: cubic convolution with a = −0.5, as for resizing. */
function cubicWeights(t: number, out: Float64Array): void {
  const u = 1 - t;
  out[0] = -0.5 * t * u * u;
  out[1] = 1 + t * t * (1.5 * t - 2.5);
  out[2] = 1 + u * u * (1.5 * u - 2.5);
  out[3] = -0.5 * u * t * t;
}
