/** Images in memory as sharp takes them. Depends on sharp and the type of images. */
import sharp, { type Sharp } from 'sharp';
import type { Image8, Raster } from './raster.js';

/**
 * An image as a sharp pipeline; its pixels are not copied.
 * @param image of 1 to 4 channels.
 */
export function toSharp({ width, height, channels, data }: Raster<Uint8Array | Uint16Array>): Sharp {
  return sharp(data, { raw: { width, height, channels: channels as 1 | 2 | 3 | 4 } });
}

/** The image, or its first channel if it has neither one nor three: what a page or a sheet can show. */
export function showable(image: Image8): Image8 {
  if (image.channels === 1 || image.channels === 3) return image;
  const { width, height, channels } = image;
  return { width, height, channels: 1, data: image.data.filter((_, i) => i % channels === 0) };
}
