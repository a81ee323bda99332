/**
 * Images as another camera would have them: resampled through a map of points. Depends on raster.ts, data/resize,
 * interpolate.ts and transform.ts.
 */
import { resizeBicubic } from '../../data/resize/resize.js';
import { type ImageRaster, type Raster, zerosLike } from '../../raster.js';
import { type Interpolation, interpolate, type PointMap } from './interpolate.js';
import { compose, magnification, type Size, scaling, type Transform } from './transform.js';

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
  const data = zerosLike(raster.data, width * height * raster.channels).fill(options.fill ?? 0) as R['data'];
  const valid = new Uint8Array(width * height);
  interpolate[interpolationOf(raster, options)](raster, map, size, data, valid);
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
