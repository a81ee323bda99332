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
  /** Whether a whole side is halved, for which there is a faster way: halve.ts. */
  readonly halves: boolean;
}

/** The part of a side that is resampled, in its pixels: any real numbers, also beyond its ends. */
export interface Span {
  readonly from: number;
  readonly length: number;
}

function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

/**
 * The taps that bring a side of `inputLength` pixels, or a span of it, to `outputLength`.
 *
 * A span inside the side is Pillow's `box`: pixels beside it count, and the kernel is cut off at the side's ends. Where a span
 * reaches beyond these, the pixels there are repeated.
 */
export function tapsFor(inputLength: number, outputLength: number, span?: Span): Taps {
  const { from, length } = span ?? { from: 0, length: inputLength };
  const repeats = from < 0 || from + length > inputLength;
  const scale = length / outputLength;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  const stride = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(outputLength);
  const count = new Int32Array(outputLength);
  const weights = new Float64Array(outputLength * stride);
  const inverse = 1 / stretch;
  for (let i = 0; i < outputLength; i++) {
    const centre = from + (i + 0.5) * scale;
    const begin = Math.floor(centre - support + 0.5);
    const end = Math.floor(centre + support + 0.5);
    const first = within(begin, inputLength);
    const taps = within(end - 1, inputLength) + 1 - first;
    let sum = 0;
    const [low, high] = repeats ? [begin, end] : [first, first + taps];
    for (let at = low; at < high; at++) {
      const weight = cubic((at - centre + 0.5) * inverse);
      weights[i * stride + within(at, inputLength) - first]! += weight;
      sum += weight;
    }
    for (let k = 0; k < taps; k++) weights[i * stride + k]! /= sum;
    start[i] = first;
    count[i] = taps;
  }
  const halves = from === 0 && length === inputLength && inputLength === 2 * outputLength;
  return { start, count, weights, stride, halves };
}

/** The position of a side's pixels that is nearest. */
function within(at: number, length: number): number {
  return Math.max(0, Math.min(at, length - 1));
}
