/**
 * CIEDE2000, the colour difference ΔE₀₀ of CIE 142-2001, by the equations of Sharma, Wu, Dalal, "The CIEDE2000
 * color-difference formula: implementation notes, supplementary test data, and mathematical observations", Color Research and
 * Application 30 (1), 2005. Depends on `comparable.ts` and `lab.ts`.
 */
import { assertComparable, type ComparedImage } from './comparable.js';
import { type Lab, labOf } from './lab.js';
import type { PairMetric } from './metric.js';

const RADIAN = Math.PI / 180;
const POW25_7 = 25 ** 7;

const sin = (degrees: number) => Math.sin(degrees * RADIAN);
const cos = (degrees: number) => Math.cos(degrees * RADIAN);

/** ΔE₀₀ of two colours in CIELAB with k_L = k_C = k_H = 1. 1 is about what an eye tells apart. */
export function deltaE2000([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const meanChroma7 = ((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2) ** 7;
  const stretch = 1.5 - 0.5 * Math.sqrt(meanChroma7 / (meanChroma7 + POW25_7));
  const [ap1, ap2] = [stretch * a1, stretch * a2];
  const [c1, c2] = [Math.hypot(ap1, b1), Math.hypot(ap2, b2)];
  const [h1, h2] = [hue(ap1, b1), hue(ap2, b2)];

  const grey = c1 * c2 === 0;
  const turn = h2 - h1;
  // The shorter way round the circle of hues, equation (10); none between greys.
  const dh = grey ? 0 : turn > 180 ? turn - 360 : turn < -180 ? turn + 360 : turn;
  const dL = l2 - l1;
  const dC = c2 - c1;
  const dH = 2 * Math.sqrt(c1 * c2) * sin(dh / 2);

  const meanL = (l1 + l2) / 2;
  const meanC = (c1 + c2) / 2;
  const meanH = meanHue(h1, h2, grey);
  const t = 1 - 0.17 * cos(meanH - 30) + 0.24 * cos(2 * meanH) + 0.32 * cos(3 * meanH + 6) - 0.2 * cos(4 * meanH - 63);
  const lightness = (meanL - 50) ** 2;
  const [sL, sC, sH] = [1 + (0.015 * lightness) / Math.sqrt(20 + lightness), 1 + 0.045 * meanC, 1 + 0.015 * meanC * t];
  const meanC7 = meanC ** 7;
  const rotation = -2 * Math.sqrt(meanC7 / (meanC7 + POW25_7)) * sin(60 * Math.exp(-(((meanH - 275) / 25) ** 2)));
  const [l, c, h] = [dL / sL, dC / sC, dH / sH];
  // Rounding may leave a hair below zero.
  return Math.sqrt(Math.max(0, l * l + c * c + h * h + rotation * c * h));
}

/** In degrees from 0 to 360; 0 of a grey. */
function hue(a: number, b: number): number {
  if (a === 0 && b === 0) return 0;
  const degrees = Math.atan2(b, a) / RADIAN;
  return degrees < 0 ? degrees + 360 : degrees;
}

/** Equation (14). */
function meanHue(h1: number, h2: number, grey: boolean): number {
  const sum = h1 + h2;
  if (grey) return sum;
  if (Math.abs(h1 - h2) <= 180) return sum / 2;
  return sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
}

/**
 * The mean ΔE₀₀ over all pixels of two images in sRGB; grey ones count as grey colours.
 *
 * @throws RangeError if the images differ in size or channels, or are neither grey nor RGB.
 */
export function ciede2000(a: ComparedImage, b: ComparedImage): number {
  assertComparable(a, b);
  const { channels } = a;
  if (channels !== 1 && channels !== 3) throw new RangeError(`CIEDE2000 needs grey or RGB, found ${channels} channels`);
  const [second, third] = channels === 3 ? [1, 2] : [0, 0];
  let sum = 0;
  for (let i = 0; i < a.data.length; i += channels) {
    const [r1, g1, b1] = [a.data[i]!, a.data[i + second]!, a.data[i + third]!];
    const [r2, g2, b2] = [b.data[i]!, b.data[i + second]!, b.data[i + third]!];
    if (r1 !== r2 || g1 !== g2 || b1 !== b2) sum += deltaE2000(labOf(r1, g1, b1), labOf(r2, g2, b2));
  }
  return sum / (a.width * a.height);
}

/** CIEDE2000 as a metric. */
export const ciede2000Metric: PairMetric = {
  kind: 'pair',
  name: 'ciede2000',
  title: 'CIEDE2000',
  unit: '',
  better: 'lower',
  decimals: 3,
  version: 1,
  protocol:
    'mean ΔE00 over pixels (CIE 142-2001, Sharma et al. 2005, k = 1) of sRGB under D65. scikit-image: deltaE_ciede2000(rgb2lab(a), rgb2lab(b)).mean()',
  channels: 'colour',
  leastSide: 1,
  compare: ciede2000,
};
