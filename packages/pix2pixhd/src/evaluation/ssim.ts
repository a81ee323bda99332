/**
 * Structural similarity: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
 * similarity", IEEE Transactions on Image Processing 13 (4), 2004. Depends on `comparable.ts` only.
 */

import type { Image8 } from '../raster.js';
import { assertComparable } from './comparable.js';

/** The paper's window: 11 × 11, Gaussian with σ = 1.5, weights that sum to one. */
const RADIUS = 5;
const WINDOW = gaussian(RADIUS, 1.5);

/** The paper's (K₁L)² and (K₂L)² with K₁ = 0.01, K₂ = 0.03, L = 255. */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * Structural similarity index of two images, at most 1, which equal images reach.
 *
 * As scikit-image's `structural_similarity` with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
 * data_range=255`, and as in the paper: the mean over the windows that fit inside the image (the 5 pixels at each edge are
 * no window's centre), per channel, and then over the channels.
 *
 * @throws RangeError if the images differ in size or channels, or are smaller than the window of 11 × 11.
 */
export function ssim(a: Image8, b: Image8): number {
  assertComparable(a, b);
  if (Math.min(a.width, a.height) < WINDOW.length) {
    throw new RangeError(`SSIM needs at least ${WINDOW.length}×${WINDOW.length} pixels, found ${a.width}×${a.height}`);
  }
  let sum = 0;
  for (let channel = 0; channel < a.channels; channel++) sum += ssimOfChannel(a, b, channel);
  return sum / a.channels;
}

function ssimOfChannel(a: Image8, b: Image8, channel: number): number {
  const { width, height } = a;
  const size = width * height;
  const maps = Array.from({ length: 5 }, () => new Float64Array(size));
  const [x, y, xx, yy, xy] = maps as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  for (let i = 0; i < size; i++) {
    const u = a.data[i * a.channels + channel]!;
    const v = b.data[i * b.channels + channel]!;
    x[i] = u;
    y[i] = v;
    xx[i] = u * u;
    yy[i] = v * v;
    xy[i] = u * v;
  }
  const [mx, my, mxx, myy, mxy] = maps.map(map => windowMeans(map, width, height)) as typeof maps as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let sum = 0;
  for (let i = 0; i < mx.length; i++) {
    const ux = mx[i]!;
    const uy = my[i]!;
    const varianceX = mxx[i]! - ux * ux;
    const varianceY = myy[i]! - uy * uy;
    const covariance = mxy[i]! - ux * uy;
    // Equation (13) of the paper.
    sum += ((2 * ux * uy + C1) * (2 * covariance + C2)) / ((ux * ux + uy * uy + C1) * (varianceX + varianceY + C2));
  }
  return sum / mx.length;
}

/** Weighted means under the window wherever it fits: (H, W) → (H − 10, W − 10). The window is separable. */
function windowMeans(map: Float64Array, width: number, height: number): Float64Array {
  const outWidth = width - 2 * RADIUS;
  const outHeight = height - 2 * RADIUS;
  const rows = new Float64Array(outWidth * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW.length; k++) sum += WINDOW[k]! * map[y * width + x + k]!;
      rows[y * outWidth + x] = sum;
    }
  }
  const out = new Float64Array(outWidth * outHeight);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW.length; k++) sum += WINDOW[k]! * rows[(y + k) * outWidth + x]!;
      out[y * outWidth + x] = sum;
    }
  }
  return out;
}

function gaussian(radius: number, sigma: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map(weight => weight / total);
}
