/** The values of label maps, counted and held against the number of classes. Depends on judge.ts and raster.ts. */

import { type IdMap, IGNORE_LABEL } from '../raster.js';
import type { Finding } from './findings.js';
import type { Fault } from './judge.js';

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

/** Whether a value means "no class" where there are so many classes. */
function isIgnored(id: number, labelNc: number): boolean {
  return id === IGNORE_LABEL && labelNc <= IGNORE_LABEL;
}

/** Whether a map holds 0 and 255 alone, and both, so that 255 hardly means "no class". Ends at the first other value. */
export function looksLikeMask(data: ArrayLike<number>): boolean {
  let ones = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] === IGNORE_LABEL) ones++;
    else if (data[i] !== 0) return false;
  }
  return ones > 0 && ones < data.length;
}

/** Whether every value of a map is a class or "no class". */
export function areLabels({ data }: IdMap, labelNc: number): boolean {
  for (let i = 0; i < data.length; i++) {
    const id = data[i]!;
    if (!((id >= 0 && id < labelNc) || id === IGNORE_LABEL)) return false;
  }
  return true;
}

/** What is wrong with values outside the classes. */
export function labelFault(counts: LabelCounts, labelNc: number): Fault | undefined {
  const outside = [...counts.keys()]
    .filter(id => (id < 0 || id >= labelNc) && !isIgnored(id, labelNc))
    .sort((a, b) => a - b);
  if (outside.length === 0) return undefined;
  const number = outside.reduce((sum, id) => sum + counts.get(id)!, 0);
  const isNegative = outside[0]! < 0;
  return {
    code: 'label-out-of-range',
    found: `${share(number, counts)} have the class id ${listed(outside)}, outside 0 to ${labelNc - 1}`,
    expected: `0 to ${labelNc - 1}, or ${IGNORE_LABEL} for pixels to ignore`,
    ...(!isNegative && { advice: { kind: 'more-classes', needed: outside.at(-1)! + 1, classes: labelNc } as const }),
    remedy: isNegative
      ? 'save the ids as they are meant'
      : `give --label-nc ${outside.at(-1)! + 1}, or correct the map`,
  };
}

/** How many pixels of a map have no class, in words; `undefined` where all have one. */
export function ignoredPixels(counts: LabelCounts, labelNc: number): string | undefined {
  const ignored = counts.get(IGNORE_LABEL) ?? 0;
  return ignored > 0 && isIgnored(IGNORE_LABEL, labelNc) ? share(ignored, counts) : undefined;
}

/** What the values of all maps that were read say of the number of classes. */
export interface LabelUse {
  /** Highest class plus one; `undefined` where no pixel has a class. */
  readonly labelNc?: number;
  /** Two values, 0 and 255: no classes and pixels to ignore, but a mask. */
  readonly isMask: boolean;
  readonly finding?: Omit<Finding, 'phase'>;
}

/**
 * Judges the values of a data set's maps as a whole.
 *
 * @param values all that occur.
 * @param files of which the first is named where they are at fault.
 * @param read which maps they are of: "the label maps".
 */
export function judgeLabelUse(
  values: ReadonlySet<number>,
  labelNc: number,
  files: readonly string[],
  read: string,
): LabelUse {
  const isMask = values.size === 2 && values.has(0) && values.has(IGNORE_LABEL);
  if (isMask) return { labelNc: 2, isMask, finding: maskFinding(labelNc, files, read) };
  const classes = [...values].filter(id => !isIgnored(id, labelNc)).sort((a, b) => a - b);
  const highest = classes.at(-1);
  if (highest === undefined || highest < 0) return { isMask };
  const needed = highest + 1;
  if (needed === labelNc) return { labelNc: needed, isMask };
  const without = classes.length < values.size ? ` (${IGNORE_LABEL}, which means "ignore", apart)` : '';
  return {
    labelNc: needed,
    isMask,
    finding: {
      severity: 'info',
      code: 'label-nc',
      files: [],
      message: `${read} use ids up to ${highest}${without}, so --label-nc ${needed} is ${needed > labelNc ? 'needed' : 'enough'} (given: ${labelNc})`,
      ...(needed > labelNc && {
        remedy: moreClasses(
          needed,
          [...values].sort((a, b) => a - b),
        ),
      }),
    },
  };
}

function maskFinding(labelNc: number, files: readonly string[], read: string): Omit<Finding, 'phase'> {
  const meaning = labelNc > IGNORE_LABEL ? `two of the ${labelNc} classes` : `of which ${IGNORE_LABEL} means "ignore"`;
  return {
    severity: 'warning',
    code: 'label-mask',
    files: files.slice(0, 1),
    message: `${read} hold two values, 0 and ${IGNORE_LABEL}, ${meaning}: they look like two-valued masks`,
    remedy: `to make ${IGNORE_LABEL} the class 1, give --label-nc 2 --label-map ${IGNORE_LABEL}:1; nothing, if it is meant`,
  };
}

/** Most values that are still spelt out as a mapping. */
const MOST_MAPPED = 16;

/** Few values far apart are likely grey levels that stand for classes. */
function moreClasses(needed: number, values: readonly number[]): string {
  const plain = `give --label-nc ${needed}, if these ids are meant`;
  const gaps = values.length <= MOST_MAPPED && values.length * 2 <= needed && values[0]! >= 0;
  if (!gaps) return plain;
  const pairs = values.flatMap((from, to) => (from === to ? [] : [`${from}:${to}`]));
  return `${plain}; if the ${values.length} values stand for so many classes: --label-nc ${values.length} --label-map ${pairs.join(',')}`;
}

function share(part: number, counts: LabelCounts): string {
  const whole = [...counts.values()].reduce((sum, n) => sum + n, 0);
  const value = (100 * part) / whole;
  return `${part} pixel(s) (${value < 0.01 ? '<0.01' : value.toFixed(2)} %)`;
}

function listed(ids: readonly number[]): string {
  return ids.length > 8 ? `${ids.slice(0, 8).join(', ')}, …` : ids.join(', ');
}
