/** Pixels as a file without loss: PNG where it can hold them, else TIFF. Depends on sharp, and tiff.ts and own-files.ts beside it. */
import type { ImageRaster, Raster } from '../raster.js';
import { toSharp } from '../sharp-image.js';
import { markedPng, sealed, UNSEALED } from './own-files.js';
import { tiffOf } from './tiff.js';

/** More channels than a PNG holds. */
export const MOST_PNG_CHANNELS = 4;

/** A file in memory. */
export interface RasterFile {
  readonly bytes: Buffer;
  /** With the dot. */
  readonly extension: '.png' | '.tif';
}

/** Whether a PNG can hold an image. */
export function fitsPng(image: ImageRaster): image is Raster<Uint8Array | Uint16Array> {
  return image.channels <= MOST_PNG_CHANNELS && !(image.data instanceof Float32Array);
}

/** The file of an image, with the mark of this program; values stay what they are. */
export async function rasterFile(image: ImageRaster): Promise<RasterFile> {
  if (!fitsPng(image)) return { bytes: sealed(tiffOf(image, UNSEALED)), extension: '.tif' };
  return { bytes: markedPng(await encodePng(image)), extension: '.png' };
}

/** A PNG of 8 or 16 bits; one channel stays grey. */
export function encodePng(image: Raster<Uint8Array | Uint16Array>): Promise<Buffer> {
  const [grey, colour] = image.data instanceof Uint16Array ? ['grey16', 'rgb16'] : ['b-w', 'srgb'];
  return toSharp(image)
    .toColourspace(image.channels < 3 ? grey : colour)
    .png({ compressionLevel: 4 })
    .toBuffer();
}
