/**
 * Which pixels make up a resampled one, and with what weights: Pillow's antialiased bicubic filter. Depends on nothing.
 *
 * The kernel is the cubic convolution with a = -0.5 and support 2, stretched by the scale when shrinking.
 */

/** For every output position: where its taps start, how many there are, and their weights, which sum to 1. */
export interface Taps {
  readonly start: Int32Array;
  readonly count: Int32Array;
  /** (output length, stride) */
  readonly weights: Float64Array;
  readonly stride: number;
}

function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

/** The taps that bring a side of `inputLength` pixels to `outputLength`. */
export function tapsFor(inputLength: number, outputLength: number): Taps {
  const scale = inputLength / outputLength;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  const stride = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(outputLength);
  const count = new Int32Array(outputLength);
  const weights = new Float64Array(outputLength * stride);
  const inverse = 1 / stretch;
  for (let i = 0; i < outputLength; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const taps = Math.min(inputLength, Math.trunc(centre + support + 0.5)) - first;
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const weight = cubic((k + first - centre + 0.5) * inverse);
      weights[i * stride + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < taps; k++) weights[i * stride + k]! /= sum;
    start[i] = first;
    count[i] = taps;
  }
  return { start, count, weights, stride };
}
