/**
 * Two images over each other, to see with one's own eyes whether they fit: the first in red, the second in green and blue, each from
 * its darkest to its brightest. Depends on data and raster.ts.
 */
import { resizeBicubic } from '../data/resize/resize.js';
import { percentileRange } from '../data/values/percentiles.js';
import type { Image8, ImageRaster } from '../raster.js';

/** @returns RGB of so many pixels. */
export function overlayOf(a: ImageRaster, b: ImageRaster, width: number, height: number): Image8 {
  const [red, cyan] = [greyOf(a, width, height), greyOf(b, width, height)];
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) data.set([red[i]!, cyan[i]!, cyan[i]!], 3 * i);
  return { width, height, channels: 3, data };
}

/** Mean of the colours, 0…255. */
function greyOf(image: ImageRaster, width: number, height: number): Uint8ClampedArray {
  const { data, channels, alpha = false } = resizeBicubic(image, width, height);
  const colours = alpha ? channels - 1 : channels;
  const means = new Float32Array(width * height);
  for (let i = 0; i < means.length; i++) {
    for (let c = 0; c < colours; c++) means[i]! += data[i * channels + c]! / colours;
  }
  const { low, high } = percentileRange({ width, height, channels: 1, data: means });
  return Uint8ClampedArray.from(means, value => (255 * (value - low)) / (high - low));
}
