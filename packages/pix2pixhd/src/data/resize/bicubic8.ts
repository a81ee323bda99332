/**
 * The two bicubic passes for 8-bit pixels, which run for every training image: integer arithmetic as Pillow has it, with
 * coefficients rounded to 22 fractional bits and each pass rounded and clipped. Depends on raster.ts for types, the type of taps.ts and halve.ts.
 */
import type { Image8 } from '../../raster.js';
import { halveColumns, halveRow } from './halve.js';
import type { Taps } from './taps.js';

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** {@link Taps} with the weights as integers. */
interface FixedTaps extends Omit<Taps, 'weights'> {
  readonly weights: Int32Array;
}

/** Weights rounded half away from zero. */
function fixedTaps(taps: Taps): FixedTaps {
  const weights = new Int32Array(taps.weights.length);
  for (let i = 0; i < weights.length; i++) {
    const w = taps.weights[i]!;
    weights[i] = Math.trunc(w * (1 << PRECISION_BITS) + (w < 0 ? -0.5 : 0.5));
  }
  return { ...taps, weights };
}

/** How many outputs at either end of a halved side have fewer taps than the others. */
const HALVING_EDGE = 2;

/** Bring every row to `width` pixels by the taps for that. */
export function horizontal8(image: Image8, width: number, exact: Taps): Uint8Array {
  const { channels, height, data } = image;
  const taps = fixedTaps(exact);
  // A clamped array clips for us; the sums stay far inside 32 bits, as |weights| sum to less than 1.6 · 2²².
  const out = new Uint8ClampedArray(width * height * channels);
  const halved = taps.halves && width > 2 * HALVING_EDGE;
  const resample = channels === 3 ? resampleRgb : resampleRow;
  for (let y = 0; y < height; y++) {
    const from = y * image.width * channels;
    const to = y * width * channels;
    if (halved) {
      resample(data, from, channels, taps, 0, HALVING_EDGE, out, to);
      halveRow(data, from, channels, HALVING_EDGE, width - HALVING_EDGE, out, to);
      resample(data, from, channels, taps, width - HALVING_EDGE, width, out, to);
    } else {
      resample(data, from, channels, taps, 0, width, out, to);
    }
  }
  return new Uint8Array(out.buffer);
}

/** Bring every column to `height` pixels by the taps for that. */
export function vertical8(image: Image8, height: number, exact: Taps): Uint8Array {
  const { data } = image;
  const row = image.width * image.channels;
  const taps = fixedTaps(exact);
  const out = new Uint8ClampedArray(row * height);
  const sums = new Int32Array(row);
  for (let y = 0; y < height; y++) {
    if (taps.halves && y >= HALVING_EDGE && y < height - HALVING_EDGE) halveColumns(data, row, y, out);
    else weighRows(data, row, taps, y, sums, out);
  }
  return new Uint8Array(out.buffer);
}

/** Outputs `first` to `end` (exclusive) of one row, which begins at `from` and goes to `to`. */
function resampleRow(
  source: Uint8Array,
  from: number,
  channels: number,
  { start, count, weights, stride }: FixedTaps,
  first: number,
  end: number,
  out: Uint8ClampedArray,
  to: number,
): void {
  for (let x = first; x < end; x++) {
    const w = x * stride;
    const wEnd = w + count[x]!;
    for (let c = 0; c < channels; c++) {
      let sum = HALF;
      for (let k = w, p = from + start[x]! * channels + c; k < wEnd; k++, p += channels) {
        sum = (sum + Math.imul(source[p]!, weights[k]!)) | 0;
      }
      out[to + x * channels + c] = sum >> PRECISION_BITS;
    }
  }
}

/** The same for three channels, side by side and four taps a turn, so that a weight is loaded once for the three. */
function resampleRgb(
  source: Uint8Array,
  from: number,
  _three: number,
  { start, count, weights, stride }: FixedTaps,
  first: number,
  end: number,
  out: Uint8ClampedArray,
  to: number,
): void {
  for (let x = first, o = to + 3 * first; x < end; x++, o += 3) {
    let k = x * stride;
    const kEnd = k + count[x]!;
    let p = from + 3 * start[x]!;
    // `| 0` tells the compiler that the sums stay integers of 32 bits.
    let r = HALF;
    let g = HALF;
    let b = HALF;
    for (; k + 4 <= kEnd; k += 4, p += 12) {
      const w0 = weights[k]!;
      const w1 = weights[k + 1]!;
      const w2 = weights[k + 2]!;
      const w3 = weights[k + 3]!;
      r = (r + weighFour(source, p, w0, w1, w2, w3)) | 0;
      g = (g + weighFour(source, p + 1, w0, w1, w2, w3)) | 0;
      b = (b + weighFour(source, p + 2, w0, w1, w2, w3)) | 0;
    }
    for (; k < kEnd; k++, p += 3) {
      const weight = weights[k]!;
      r = (r + Math.imul(source[p]!, weight)) | 0;
      g = (g + Math.imul(source[p + 1]!, weight)) | 0;
      b = (b + Math.imul(source[p + 2]!, weight)) | 0;
    }
    out[o] = r >> PRECISION_BITS;
    out[o + 1] = g >> PRECISION_BITS;
    out[o + 2] = b >> PRECISION_BITS;
  }
}

/** Four pixels of one channel, three values apart. */
function weighFour(source: Uint8Array, p: number, w0: number, w1: number, w2: number, w3: number): number {
  return (
    (Math.imul(source[p]!, w0) +
      Math.imul(source[p + 3]!, w1) +
      Math.imul(source[p + 6]!, w2) +
      Math.imul(source[p + 9]!, w3)) |
    0
  );
}

/**
 * One output row as a sum of weighted rows. Row by row rather than column by column, so that memory is read in order;
 * four taps a sweep, so that the sums are loaded and stored a quarter as often.
 */
function weighRows(
  source: Uint8Array,
  row: number,
  { start, count, weights, stride }: FixedTaps,
  y: number,
  sums: Int32Array,
  out: Uint8ClampedArray,
): void {
  sums.fill(HALF);
  let k = y * stride;
  const end = k + count[y]!;
  let p0 = start[y]! * row;
  for (; k + 4 <= end; k += 4, p0 += 4 * row) {
    const [w0, w1, w2, w3] = [weights[k]!, weights[k + 1]!, weights[k + 2]!, weights[k + 3]!];
    const [p1, p2, p3] = [p0 + row, p0 + 2 * row, p0 + 3 * row];
    for (let i = 0; i < row; i++) {
      sums[i] =
        sums[i]! +
        Math.imul(source[p0 + i]!, w0) +
        Math.imul(source[p1 + i]!, w1) +
        Math.imul(source[p2 + i]!, w2) +
        Math.imul(source[p3 + i]!, w3);
    }
  }
  for (; k < end; k++, p0 += row) {
    const weight = weights[k]!;
    for (let i = 0; i < row; i++) sums[i] = sums[i]! + Math.imul(source[p0 + i]!, weight);
  }
  const to = y * row;
  for (let i = 0; i < row; i++) out[to + i] = sums[i]! >> PRECISION_BITS;
}
