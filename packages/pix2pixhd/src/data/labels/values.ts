/**
 * `labels/`: what the values of label maps and instance maps stand for. It imports no other folder of data.
 *
 * This file counts them. Depends on the rules, which `@pix2pixhd/web` has too, and on raster.ts for types.
 */
import { ignoredLabel, isIgnored } from '@pix2pixhd/web/scene';
import type { IdMap } from '../../raster.js';

export { ignoredLabel, isIgnored, looksLikeMask } from '@pix2pixhd/web/scene';

/**
 * The label value that belongs to no class, as in Cityscapes. With more than 255 classes it is one of them, and 65535 belongs to
 * none.
 *
 * @example
 * ```ts
 * const { width, height, data } = await decodeLabelMap('label.png');
 * const labelled = data.filter(id => id !== IGNORE_LABEL).length;
 * console.log(labelled / (width * height));
 * ```
 */
export const IGNORE_LABEL = ignoredLabel(1);

/** The same where there are more than 255 classes: the largest value of 16 bits, which such maps have. */
export const WIDE_IGNORE_LABEL = ignoredLabel(256);

/** How many pixels have each value. */
export type LabelCounts = ReadonlyMap<number, number>;

/** Counts the values of a map. */
export function countLabels({ data }: IdMap): LabelCounts {
  // Ids of 8 and 16 bits are counted in a table; the map alone would be slow for two million pixels.
  const table = new Uint32Array(65536);
  const counts = new Map<number, number>();
  for (let i = 0; i < data.length; i++) {
    const id = data[i]!;
    if (id >= 0 && id < table.length) table[id]!++;
    else counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (let id = 0; id < table.length; id++) if (table[id]! > 0) counts.set(id, table[id]!);
  return counts;
}

/** How many classes there must be for values to be classes: 65535 is none where others are above 255 already. */
export function classesFor(values: Iterable<number>): number {
  let most = -1;
  let isWide = false;
  for (const id of values) {
    if (id === WIDE_IGNORE_LABEL) isWide = true;
    else if (id > most) most = id;
  }
  return isWide && most <= IGNORE_LABEL ? WIDE_IGNORE_LABEL + 1 : most + 1;
}

/** How many pixels of a map have no class, in words; `undefined` where all have one. */
export function ignoredPixels(counts: LabelCounts, labelNc: number): string | undefined {
  const value = ignoredLabel(labelNc);
  const ignored = counts.get(value) ?? 0;
  return ignored > 0 && isIgnored(value, labelNc) ? share(ignored, counts) : undefined;
}

/** `12 pixel(s) (0.05 %)` of those counted. */
export function share(part: number, counts: LabelCounts): string {
  const whole = [...counts.values()].reduce((sum, n) => sum + n, 0);
  const value = (100 * part) / whole;
  return `${part} pixel(s) (${value < 0.01 ? '<0.01' : value.toFixed(2)} %)`;
}
