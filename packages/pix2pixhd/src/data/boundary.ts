/** The boundary map of an instance map, for looking at one. Depends on raster.ts only. */
import type { IdMap } from './raster.js';

/**
 * 1 where a pixel's id differs from that of any of its four neighbours, else 0; both sides of a border are marked
 * (paper, section 3.3). (H, W), row-major.
 */
export function previewBoundary(map: IdMap): Uint8Array {
  const { width, height, data } = map;
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x + 1 < width && data[i] !== data[i + 1]) out[i] = out[i + 1] = 1;
      if (y + 1 < height && data[i] !== data[i + width]) out[i] = out[i + width] = 1;
    }
  }
  return out;
}
