/** Stacks of one channel per class. Depends on data/labels and raster.ts for types. */
import { IGNORE_LABEL } from '../../data/labels/values.js';
import type { IdMap, Raster } from '../../raster.js';

/** The labels of a stack, or where and why it is none. */
export type OneHot = { readonly labels: IdMap; readonly largest: number } | { readonly found: string };

/**
 * The number of the channel that is set at each pixel, 255 where none is. A channel is set where it has the largest value of
 * the image, and not where it is 0.
 *
 * @param image at most 255 channels.
 * @returns the labels and the value that means "set"; or what was found instead, with its position.
 */
export function oneHotLabels({ width, height, channels, data }: Raster): OneHot {
  if (channels > IGNORE_LABEL) return { found: `${channels} channels, more than ${IGNORE_LABEL}` };
  let largest = 0;
  for (let i = 0; i < data.length; i++) if (data[i]! > largest) largest = data[i]!;
  const labels = new Uint8Array(width * height).fill(IGNORE_LABEL);
  for (let i = 0, from = 0; i < labels.length; i++, from += channels)
    for (let c = 0; c < channels; c++) {
      const value = data[from + c]!;
      if (value === 0) continue;
      const place = `at x ${i % width}, y ${Math.floor(i / width)}`;
      if (value !== largest) return { found: `the value ${value} in channel ${c + 1} ${place}, elsewhere ${largest}` };
      if (labels[i] !== IGNORE_LABEL) return { found: `channels ${labels[i]! + 1} and ${c + 1} both set ${place}` };
      labels[i] = c;
    }
  return { labels: { width, height, channels: 1, data: labels }, largest };
}
