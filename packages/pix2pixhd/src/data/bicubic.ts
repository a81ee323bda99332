/**
 * Antialiased bicubic resampling, bit for bit what Pillow's `Image.resize(size, Image.BICUBIC)` gives. Depends on
 * raster.ts only.
 *
 * Two separable passes, horizontal then vertical, each skipped when its side does not change. The kernel is the cubic
 * convolution with a = -0.5 and support 2, stretched by the scale when shrinking. 8-bit pixels use coefficients rounded
 * to 22 fractional bits and are rounded and clipped after each pass; 16-bit pixels follow Pillow's 32-bit integer mode
 * (double arithmetic, rounded after each pass) with a final clip to 0…65535; floating point follows its mode "F".
 */
import { allocate, type Raster } from './raster.js';

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** For every output position: where its taps start, how many there are, and their weights, which sum to 1. */
interface Taps {
  readonly start: Int32Array;
  readonly count: Int32Array;
  /** (output length, stride) */
  readonly weights: Float64Array;
  readonly stride: number;
}

/** Resize an image to `width`×`height` by bicubic interpolation. Alpha is resampled like any other channel. */
export function resizeBicubic(raster: Raster, width: number, height: number): Raster {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new RangeError(`cannot resize to ${width}×${height}`);
  }
  const wide = width === raster.width ? raster : { ...raster, width, data: horizontal(raster, width) };
  if (height !== raster.height) return finish({ ...wide, height, data: vertical(wide, height) });
  return finish(wide);
}

type Pixels = Raster['data'] | Int32Array;
type Stage = Omit<Raster, 'data'> & { readonly data: Pixels };

/** 16-bit pixels travel between the passes as unclipped integers, as in Pillow; this is where they become 16-bit. */
function finish(stage: Stage): Raster {
  const { data } = stage;
  if (!(data instanceof Int32Array)) return { ...stage, data };
  const clipped = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) clipped[i] = Math.min(65535, Math.max(0, data[i]!));
  return { ...stage, data: clipped };
}

function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

function tapsFor(inputLength: number, outputLength: number): Taps {
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

/** Weights as integers with {@link PRECISION_BITS} fractional bits, rounded half away from zero. */
function fixedPoint(weights: Float64Array): Int32Array {
  return Int32Array.from(weights, w => Math.trunc(w * (1 << PRECISION_BITS) + (w < 0 ? -0.5 : 0.5)));
}

function horizontal(image: Stage, width: number): Pixels {
  const taps = tapsFor(image.width, width);
  if (image.data instanceof Uint8Array) return horizontal8(image.data, image, width, taps);
  const { channels, height } = image;
  const out = intermediate(image, width * height);
  const round = out instanceof Int32Array;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * image.width + taps.start[x]!) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < taps.count[x]!; k++) {
          sum += image.data[from + k * channels + c]! * taps.weights[x * taps.stride + k]!;
        }
        out[(y * width + x) * channels + c] = round ? roundAway(sum) : sum;
      }
    }
  }
  return out;
}

function vertical(image: Stage, height: number): Pixels {
  const taps = tapsFor(image.height, height);
  if (image.data instanceof Uint8Array) return vertical8(image.data, image, height, taps);
  const row = image.width * image.channels;
  const out = intermediate(image, image.width * height);
  const round = out instanceof Int32Array;
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < row; i++) {
      let sum = 0;
      for (let k = 0; k < taps.count[y]!; k++) {
        sum += image.data[(taps.start[y]! + k) * row + i]! * taps.weights[y * taps.stride + k]!;
      }
      out[y * row + i] = round ? roundAway(sum) : sum;
    }
  }
  return out;
}

function intermediate(image: Stage, pixels: number): Int32Array | Raster['data'] {
  const length = pixels * image.channels;
  return image.depth === 'uint16' ? new Int32Array(length) : allocate(image.depth, length);
}

function roundAway(value: number): number {
  return value >= 0 ? Math.floor(value + 0.5) : -Math.floor(-value + 0.5);
}

/** The 8-bit passes are the ones that run for every training image, so their inner loops are written out. */
function horizontal8(source: Uint8Array, image: Stage, width: number, taps: Taps): Uint8Array {
  const { channels, height } = image;
  const weights = fixedPoint(taps.weights);
  // A clamped array clips for us; the sums stay far inside 32 bits, as |weights| sum to less than 1.6 · 2²².
  const out = new Uint8ClampedArray(width * height * channels);
  for (let y = 0; y < height; y++) {
    const line = y * image.width * channels;
    let to = y * width * channels;
    for (let x = 0; x < width; x++) {
      const from = line + taps.start[x]! * channels;
      const w = x * taps.stride;
      const end = w + taps.count[x]!;
      if (channels === 3) {
        let r = HALF;
        let g = HALF;
        let b = HALF;
        for (let k = w, p = from; k < end; k++, p += 3) {
          const weight = weights[k]!;
          r = (r + Math.imul(source[p]!, weight)) | 0;
          g = (g + Math.imul(source[p + 1]!, weight)) | 0;
          b = (b + Math.imul(source[p + 2]!, weight)) | 0;
        }
        out[to] = r >> PRECISION_BITS;
        out[to + 1] = g >> PRECISION_BITS;
        out[to + 2] = b >> PRECISION_BITS;
      } else {
        for (let c = 0; c < channels; c++) {
          let sum = HALF;
          for (let k = w, p = from + c; k < end; k++, p += channels) {
            sum = (sum + Math.imul(source[p]!, weights[k]!)) | 0;
          }
          out[to + c] = sum >> PRECISION_BITS;
        }
      }
      to += channels;
    }
  }
  return new Uint8Array(out.buffer);
}

function vertical8(source: Uint8Array, image: Stage, height: number, taps: Taps): Uint8Array {
  const row = image.width * image.channels;
  const weights = fixedPoint(taps.weights);
  const out = new Uint8ClampedArray(row * height);
  const sums = new Int32Array(row);
  // Row by row rather than column by column, so that memory is read in order; four taps a sweep, so that the sums are
  // loaded and stored a quarter as often.
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    let k = y * taps.stride;
    const end = k + taps.count[y]!;
    let p0 = taps.start[y]! * row;
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
  return new Uint8Array(out.buffer);
}
