/**
 * Turning pixels as a file's orientation tag asks, so that an image lies as every viewer shows it. Depends on raster.ts
 * for types, and on header.ts. Source: EXIF 2.3, tag 0x0112, the same as TIFF's Orientation.
 */
import type { Raster, StoredRaster } from '../../raster.js';
import { swapsSides } from '../files/header.js';

/** The image as it is to be seen; itself where there is nothing to do. */
export function orient<R extends Raster | StoredRaster>(image: R, orientation: number): R {
  if (orientation < 2 || orientation > 8) return image;
  const { width, height, channels, data } = image;
  const swap = swapsSides(orientation);
  const [toWidth, toHeight] = swap ? [height, width] : [width, height];
  // Where the first pixel seen is stored, and how far its neighbours to the right and below are from it.
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const origin = ((fromBottom ? height - 1 : 0) * width + (fromRight ? width - 1 : 0)) * channels;
  const alongRow = (fromRight ? -1 : 1) * channels;
  const alongColumn = (fromBottom ? -1 : 1) * width * channels;
  const [right, down] = swap ? [alongColumn, alongRow] : [alongRow, alongColumn];
  const out = data.slice();
  let to = 0;
  for (let y = 0; y < toHeight; y++) {
    let from = origin + y * down;
    for (let x = 0; x < toWidth; x++, from += right) {
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
    }
  }
  return { ...image, width: toWidth, height: toHeight, data: out };
}
