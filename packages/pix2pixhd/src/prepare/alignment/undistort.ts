/**
 * Straight lines become straight: a lens's distortion is taken out of an image. Depends on raster.ts, errors.ts, calibration.ts,
 * interpolate.ts, transform.ts and warp.ts.
 */
import { UserError } from '../../errors.js';
import type { Raster } from '../../raster.js';
import type { Calibration } from './calibration.js';
import type { PointMap } from './interpolate.js';
import type { Transform } from './transform.js';
import { homographyMap, resample, type Warped, type WarpOptions } from './warp.js';

/**
 * Where a point of the undistorted image lies in the camera's: OpenCV's model, for the same camera matrix. With x, y the point at
 * a distance of 1 from the camera and r² = x² + y²,
 * x' = x (1 + k1 r² + k2 r⁴ + k3 r⁶) / (1 + k4 r² + k5 r⁴ + k6 r⁶) + 2 p1 x y + p2 (r² + 2 x²), and y' likewise.
 *
 * Coordinates have pixel centres at (i+½, j+½), as in transform.ts.
 */
export function distortionMap({ fx, fy, cx, cy, distortion }: Calibration): PointMap {
  const [k1 = 0, k2 = 0, p1 = 0, p2 = 0, k3 = 0, k4 = 0, k5 = 0, k6 = 0] = distortion;
  return (u, v, out) => {
    const x = (u - 0.5 - cx) / fx;
    const y = (v - 0.5 - cy) / fy;
    const r2 = x * x + y * y;
    const radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)));
    const xd = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x);
    const yd = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y;
    out[0] = fx * xd + cx + 0.5;
    out[1] = fy * yd + cy + 0.5;
  };
}

/**
 * An image without its lens's distortion, of the same size: what `cv2.undistort(image, matrix, coefficients)` gives, up to
 * the interpolation.
 *
 * @param name of the file, for errors.
 * @throws UserError where the calibration is for images of another size.
 */
export function undistort<R extends Raster>(
  raster: R,
  calibration: Calibration,
  options: WarpOptions = {},
  name?: string,
): Warped<R> {
  assertSize(raster, calibration, name);
  return resample(raster, distortionMap(calibration), raster, options);
}

/**
 * The map of {@link warp} for a camera with a calibration, for a transform between undistorted images: resampled once, not
 * twice. Use with `resample`.
 */
export function warpAndDistort(transform: Transform, calibration: Calibration): PointMap {
  const first = homographyMap(transform);
  const second = distortionMap(calibration);
  return (x, y, out) => {
    first(x, y, out);
    second(out[0]!, out[1]!, out);
  };
}

function assertSize({ width, height }: Raster, calibration: Calibration, name: string | undefined): void {
  if (width === calibration.width && height === calibration.height) return;
  throw new UserError({
    code: 'SIZE_MISMATCH',
    doing: "taking out a lens's distortion",
    ...(name === undefined ? {} : { where: name }),
    found: `an image of ${width}×${height} pixels`,
    expected: `${calibration.width}×${calibration.height}, the size that the camera was calibrated at`,
    remedy: 'give the images as they came from the camera, or calibrate at their size',
  });
}
