/**
 * How close a generated image is to the real one, pixel by pixel: L1, PSNR and SSIM. Plain arithmetic; depends on
 * `comparable.ts` and `ssim.ts` only.
 */

import type { Image8 } from '../raster.js';
import { assertComparable } from './comparable.js';
import { ssim } from './ssim.js';

export { ssim };

/**
 * Mean absolute difference over all pixels and channels, images scaled to [0, 1]. 0 for equal images, at most 1.
 *
 * @throws RangeError if the images differ in size or channels.
 */
export function l1(a: Image8, b: Image8): number {
  assertComparable(a, b);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / (255 * a.data.length);
}

/**
 * Peak signal-to-noise ratio in dB: 10·log₁₀(255² / MSE), the mean squared error over all pixels and channels.
 * `Infinity` for equal images.
 *
 * @throws RangeError if the images differ in size or channels.
 */
export function psnr(a: Image8, b: Image8): number {
  assertComparable(a, b);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return 10 * Math.log10((255 ** 2 * a.data.length) / sum);
}
