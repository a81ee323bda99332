/** PSNR, the peak signal-to-noise ratio. Depends on comparable.ts. */
import { assertComparable, type ComparedImage, WHITE } from './comparable.js';
import type { PairMetric } from './metric.js';

/**
 * Peak signal-to-noise ratio in dB: 10·log₁₀(255² / MSE), the mean squared error over all pixels and channels.
 * `Infinity` for equal images.
 *
 * @throws RangeError if the images differ in size or channels.
 */
export function psnr(a: ComparedImage, b: ComparedImage): number {
  assertComparable(a, b);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return 10 * Math.log10((WHITE ** 2 * a.data.length) / sum);
}

/** PSNR as a metric. */
export const psnrMetric: PairMetric = {
  kind: 'pair',
  name: 'psnr',
  title: 'PSNR',
  unit: 'dB',
  better: 'higher',
  decimals: 2,
  version: 1,
  protocol:
    '10 log10(255² / MSE), the mean over all pixels and channels of an image; then the mean over images. scikit-image: peak_signal_noise_ratio(data_range=255)',
  channels: 'any',
  leastSide: 1,
  compare: psnr,
};
