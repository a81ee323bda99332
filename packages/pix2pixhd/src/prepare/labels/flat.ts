/** Where an image is flat. Depends on raster.ts for types. */
import type { Raster } from '../../raster.js';

/** Whether the 3×3 around a pixel, as far as it is in the image, differ from it by at most `most` in red, green and blue. */
export function isFlat(image: Raster<Uint8Array>, index: number, most: number): boolean {
  const { width, height, channels, data } = image;
  const x = index % width;
  const y = (index - x) / width;
  const left = x > 0 ? -channels : 0;
  const right = x + 1 < width ? channels : 0;
  const stride = width * channels;
  const centre = index * channels;
  for (let row = y > 0 ? -stride : 0, last = y + 1 < height ? stride : 0; row <= last; row += stride)
    for (let column = left; column <= right; column += channels) {
      const at = centre + row + column;
      if (differs(data, at, centre, most)) return false;
    }
  return true;
}

/** How many pixels of the 3×3 around one, itself included, differ from it by at most `most` in red, green and blue. */
export function alike({ width, height, channels, data }: Raster<Uint8Array>, index: number, most: number): number {
  const x = index % width;
  const y = (index - x) / width;
  let count = 0;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
      if (!differs(data, (row * width + column) * channels, index * channels, most)) count++;
  return count;
}

function differs(data: Uint8Array, a: number, b: number, most: number): boolean {
  return (
    Math.abs(data[a]! - data[b]!) > most ||
    Math.abs(data[a + 1]! - data[b + 1]!) > most ||
    Math.abs(data[a + 2]! - data[b + 2]!) > most
  );
}
