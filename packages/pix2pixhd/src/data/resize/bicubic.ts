/**
 * Antialiased bicubic resampling, bit for bit what Pillow's `Image.resize(size, Image.BICUBIC, box)` gives. Depends on
 * raster.ts, taps.ts and bicubic8.ts.
 *
 * Two separable passes, horizontal then vertical, each skipped when its side does not change. 8-bit pixels are left to
 * bicubic8.ts; 16-bit pixels follow Pillow's 32-bit integer mode (double arithmetic, rounded after each pass) with a final
 * clip to 0…65535; floating point follows its mode "F".
 */

import type { Box, ImageRaster, PixelArray, Raster } from '../../raster.js';
import { horizontal8, vertical8 } from './bicubic8.js';
import { type Span, type Taps, tapsFor } from './taps.js';

/**
 * Resize an image, or a box of it, to `width`×`height` by bicubic interpolation. Alpha is resampled like any other channel.
 *
 * @param box real-valued; it may reach beyond the image, whose edge pixels are repeated there.
 */
export function resizeBicubic(raster: ImageRaster, width: number, height: number, box?: Box): ImageRaster {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new RangeError(`cannot resize to ${width}×${height}`);
  }
  const columns = passOf(raster.width, width, box && { from: box.x, length: box.width });
  const rows = passOf(raster.height, height, box && { from: box.y, length: box.height });
  const [high, taps] = rows === undefined ? [raster] : rowsRead(raster, rows);
  const wide = columns === undefined ? high : { ...high, width, data: horizontal(high, width, columns) };
  return finish(taps === undefined ? wide : { ...wide, height, data: vertical(wide, height, taps) });
}

/** The taps of one pass; none where it would change nothing. */
function passOf(inputLength: number, outputLength: number, span?: Span): Taps | undefined {
  const whole = span === undefined || (span.from === 0 && span.length === inputLength);
  return whole && inputLength === outputLength ? undefined : tapsFor(inputLength, outputLength, span);
}

/** Of an image the rows alone that vertical taps read, so that no others are brought to width, and these taps for them. */
function rowsRead(image: Raster, taps: Taps): [Raster, Taps] {
  const first = taps.start[0]!;
  const end = taps.start.at(-1)! + taps.count.at(-1)!;
  const row = image.width * image.channels;
  const data = image.data.subarray(first * row, end * row);
  return [
    { ...image, height: end - first, data },
    { ...taps, start: taps.start.map(at => at - first) },
  ];
}

/** 16-bit pixels pass between the passes as unclipped integers, as in Pillow; this is where they become 16-bit again. */
function finish(image: Raster): ImageRaster {
  const { data } = image;
  if (!(data instanceof Int32Array)) return { ...image, data };
  const clipped = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) clipped[i] = Math.min(65535, Math.max(0, data[i]!));
  return { ...image, data: clipped };
}

function horizontal(image: Raster, width: number, taps: Taps): PixelArray {
  if (image.data instanceof Uint8Array) return horizontal8({ ...image, data: image.data }, width, taps);
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

function vertical(image: Raster, height: number, taps: Taps): PixelArray {
  if (image.data instanceof Uint8Array) return vertical8({ ...image, data: image.data }, height, taps);
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

function intermediate({ channels, data }: Raster, pixels: number): Int32Array | Float32Array {
  return new (data instanceof Float32Array ? Float32Array : Int32Array)(pixels * channels);
}

function roundAway(value: number): number {
  return value >= 0 ? Math.floor(value + 0.5) : -Math.floor(-value + 0.5);
}
