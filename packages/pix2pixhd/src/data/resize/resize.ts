/**
 * `resize/`: resizing, equal to Pillow's `Image.resize`: nearest neighbour for maps of ids, antialiased bicubic for images. It
 * imports no other folder of data.
 *
 * Depends on raster.ts, bicubic.ts and a type of taps.ts.
 */
import { type Box, type PixelArray, type Raster, zerosLike } from '../../raster.js';
import type { Span } from './taps.js';

export { resizeBicubic } from './bicubic.js';

/**
 * Resize by nearest neighbour, the pixel whose cell holds the centre of the new pixel. Equal to Pillow's
 * `Image.resize(size, Image.NEAREST)`; ids are never mixed.
 *
 * @param box part of the image to resize, real-valued; it may reach beyond the image, whose edge pixels are repeated there.
 */
export function resizeNearest<R extends Raster>(image: R, width: number, height: number, box?: Box): R {
  if (box === undefined && image.width === width && image.height === height) return image;
  const columns = nearestPositions(image.width, width, box && { from: box.x, length: box.width });
  const rows = nearestPositions(image.height, height, box && { from: box.y, length: box.height });
  const { channels } = image;
  const data = zerosLike(image.data, width * height * channels);
  pick(image.data, image.width, channels, columns, rows, data);
  return { ...image, width, height, data };
}

/** Source positions, stepped by repeated addition as Pillow does, so that ties fall the same way. */
function nearestPositions(inputLength: number, outputLength: number, span?: Span): Int32Array {
  if (!Number.isInteger(outputLength) || outputLength < 1) throw new RangeError(`cannot resize to ${outputLength}`);
  const { from, length } = span ?? { from: 0, length: inputLength };
  const step = length / outputLength;
  const positions = new Int32Array(outputLength);
  let at = from + step * 0.5;
  for (let i = 0; i < outputLength; i++) {
    positions[i] = Math.max(0, Math.min(Math.trunc(at), inputLength - 1));
    at += step;
  }
  return positions;
}

function pick(
  source: PixelArray,
  sourceWidth: number,
  channels: number,
  columns: Int32Array,
  rows: Int32Array,
  out: PixelArray,
): void {
  let to = 0;
  for (const row of rows) {
    const line = row * sourceWidth;
    if (channels === 1) {
      for (let x = 0; x < columns.length; x++) out[to++] = source[line + columns[x]!]!;
      continue;
    }
    for (let x = 0; x < columns.length; x++) {
      const from = (line + columns[x]!) * channels;
      for (let c = 0; c < channels; c++) out[to++] = source[from + c]!;
    }
  }
}
