/** SSIM, structural similarity (Wang et al., 2004). Depends on `comparable.ts` and `structure.ts`. */
import { assertComparable, assertSide, type ComparedImage } from './comparable.js';
import type { PairMetric } from './metric.js';
import { planeOf, similarity, WINDOW_SIDE } from './structure.js';

/**
 * Structural similarity index of two images, at most 1, which equal images reach.
 *
 * As scikit-image's `structural_similarity` with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
 * data_range=255`, and as in the paper: the mean over the windows that fit inside the image (the 5 pixels at each edge are
 * no window's centre), per channel, and then over the channels.
 *
 * @throws RangeError if the images differ in size or channels, or are smaller than the window of 11 × 11.
 */
export function ssim(a: ComparedImage, b: ComparedImage): number {
  assertComparable(a, b);
  assertSide(ssimMetric, a);
  let sum = 0;
  for (let channel = 0; channel < a.channels; channel++)
    sum += similarity(planeOf(a, channel), planeOf(b, channel)).ssim;
  return sum / a.channels;
}

/** SSIM as a metric. */
export const ssimMetric: PairMetric = {
  kind: 'pair',
  name: 'ssim',
  title: 'SSIM',
  unit: '',
  better: 'higher',
  decimals: 4,
  version: 1,
  protocol:
    'Wang et al. 2004: Gaussian window of 11×11, σ 1.5, K 0.01 and 0.03, over windows inside the image, per channel, then the mean of channels. scikit-image: structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)',
  channels: 'any',
  leastSide: WINDOW_SIDE,
  compare: ssim,
};
