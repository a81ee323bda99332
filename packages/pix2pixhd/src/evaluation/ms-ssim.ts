/**
 * MS-SSIM: Wang, Simoncelli, Bovik, "Multiscale structural similarity for image quality assessment", Asilomar Conference on
 * Signals, Systems and Computers, 2003. Depends on `comparable.ts` and `structure.ts`.
 */
import { assertComparable, assertSide, type ComparedImage } from './comparable.js';
import type { PairMetric } from './metric.js';
import { type Plane, planeOf, similarity, WINDOW_SIDE } from './structure.js';

/** The paper's exponents of the five scales, the finest first. */
const EXPONENTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/**
 * Multi-scale structural similarity over the paper's five scales, at most 1, which equal images reach; per channel, and then
 * the mean of the channels. Contrast and structure count at every scale, luminance at the coarsest. As the authors' program: a
 * scale is the one before averaged over 2 × 2 pixels (mirrored at an odd edge). A mean of contrast and structure below 0, which
 * has no real power, counts as 0.
 *
 * @throws RangeError if the images differ in size or channels, or are smaller than 176 × 176, so that the window would not fit
 *   at the coarsest scale.
 */
export function msSsim(a: ComparedImage, b: ComparedImage): number {
  assertComparable(a, b);
  assertSide(msSsimMetric, a);
  let sum = 0;
  for (let channel = 0; channel < a.channels; channel++) sum += ofPlanes(planeOf(a, channel), planeOf(b, channel));
  return sum / a.channels;
}

function ofPlanes(a: Plane, b: Plane): number {
  let product = 1;
  let [x, y] = [a, b];
  for (const [scale, exponent] of EXPONENTS.entries()) {
    if (scale > 0) [x, y] = [halved(x), halved(y)];
    const { ssim, contrastStructure } = similarity(x, y);
    product *= Math.max(0, scale === EXPONENTS.length - 1 ? ssim : contrastStructure) ** exponent;
  }
  return product;
}

/** Means of 2 × 2 pixels; at an odd edge the last pixels count twice. */
function halved({ width, height, data }: Plane): Plane {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const out = new Float64Array(half.width * half.height);
  for (let y = 0; y < half.height; y++) {
    const upper = 2 * y * width;
    const lower = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < half.width; x++) {
      const left = 2 * x;
      const right = Math.min(left + 1, width - 1);
      out[y * half.width + x] =
        (data[upper + left]! + data[upper + right]! + data[lower + left]! + data[lower + right]!) / 4;
    }
  }
  return { ...half, data: out };
}

/** MS-SSIM as a metric. */
export const msSsimMetric: PairMetric = {
  kind: 'pair',
  name: 'ms-ssim',
  title: 'MS-SSIM',
  unit: '',
  better: 'higher',
  decimals: 4,
  version: 1,
  protocol:
    'Wang et al. 2003: five scales with exponents 0.0448, 0.2856, 0.3001, 0.2363, 0.1333, the window of SSIM, halved by means of 2×2; per channel, then the mean of channels. From 176 pixels a side on',
  channels: 'any',
  leastSide: WINDOW_SIDE * 2 ** (EXPONENTS.length - 1),
  compare: msSsim,
};
