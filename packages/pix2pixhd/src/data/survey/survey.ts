/**
 * `survey/`: how the values of a data set's images are distributed, which decides the range that they are used in. It may
 * import `decode/`, `files/`, `validate/` and `values/`.
 *
 * This file looks at the images of one role. Depends on the folders above and `concurrently.ts`.
 */
import { mapConcurrently } from '../../concurrently.js';
import type { StoredRaster } from '../../raster.js';
import { decodeStored } from '../decode/decode.js';
import { readHeader } from '../files/header.js';
import { FaultyFile } from '../validate/fault.js';
import { valueFault } from '../validate/images.js';
import { rangeOf, sampleValues } from '../values/percentiles.js';
import type { FixedRange } from '../values/range.js';
import { fullScaleOf } from '../values/scale.js';
import { StuckPixels } from './stuck-pixels.js';

/** How many files are decoded; of more, evenly spread ones. */
const MOST_FILES = 500;
/** Values that are kept of a file. */
const VALUES_A_FILE = 4096;
/** Files whose headers tell what the folder holds. */
const HEADERS = 64;
/** Bins of the histogram. */
const BINS = 64;
/** Share of a frame at the largest value from which it counts as saturated. */
const SATURATED = 0.02;

/** How images of a role store their values. */
export type Depth = '8' | '16' | 'float';

/** What was found. */
export interface ValueSurvey {
  /** Files that were decoded, and how many there are. */
  readonly files: number;
  readonly of: number;
  /** The storage types that occur, as libvips calls them. */
  readonly storage: readonly string[];
  readonly least: number;
  readonly most: number;
  /** All but a thousandth of the values at either end. */
  readonly range: FixedRange;
  /** How many of the values looked at fall into each of equal parts of `least` to `most`. */
  readonly histogram: readonly number[];
  /** Pixels that have one value in all files, while others change; 0 where files are few, or differ in size. */
  readonly stuck: number;
  /** Files of which more than a fiftieth is at the largest value that the type holds, or that occurs. */
  readonly saturated: readonly string[];
}

/** Evenly spread items, at most `most`. */
export function spread<T>(items: readonly T[], most: number): readonly T[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

/**
 * The deepest storage of a folder's images, by the headers of evenly spread files: signed and 32-bit integers count as
 * floating point.
 */
export async function depthOf(files: readonly string[]): Promise<Depth> {
  const kinds = await mapConcurrently(spread(files, HEADERS), async file => (await readHeader(file)).storage);
  if (kinds.every(kind => kind === 'uchar')) return '8';
  return kinds.every(kind => kind === 'uchar' || kind === 'ushort') ? '16' : 'float';
}

/**
 * Looks at the values of images.
 *
 * @param files at least one.
 * @throws UserError naming a file that cannot be read, or holds values that are not finite.
 */
export async function surveyValues(files: readonly string[]): Promise<ValueSurvey> {
  const looked = spread(files, MOST_FILES);
  const storage = new Set<string>();
  const stuck = new StuckPixels();
  const parts = await mapConcurrently(looked, async file => {
    const header = await readHeader(file);
    const image = await decodeStored(file, header);
    const wrong = valueFault(image, undefined);
    if (wrong !== undefined) throw new FaultyFile('looking at the values of images', file, wrong);
    storage.add(header.storage);
    stuck.add(image);
    return { file, values: sampleValues(image, VALUES_A_FILE), atMost: atMost(image) };
  });
  const all = joined(parts.map(({ values }) => values)).sort();
  const [least, most] = [all[0]!, all.at(-1)!];
  return {
    files: looked.length,
    of: files.length,
    storage: [...storage].sort(),
    least,
    most,
    range: rangeOf(all),
    histogram: histogramOf(all, least, most),
    stuck: stuck.count,
    saturated: parts.filter(({ atMost }) => atMost.value >= most && atMost.share > SATURATED).map(({ file }) => file),
  };
}

/** The share of values that a range cuts off at its lower and upper end, by a survey's histogram. */
export function cutOff(
  { histogram, least, most }: ValueSurvey,
  { low, high }: FixedRange,
): { low: number; high: number } {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const width = (most - least) / histogram.length || 1;
  /** Counts below a value; within a bin in proportion. */
  const below = (value: number) =>
    histogram.reduce((sum, count, i) => sum + count * Math.min(1, Math.max(0, (value - least) / width - i)), 0) / total;
  return { low: below(low), high: 1 - below(high) };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function histogramOf(values: Float64Array, least: number, most: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  const scale = most > least ? BINS / (most - least) : 0;
  for (const value of values) counts[Math.min(BINS - 1, Math.floor((value - least) * scale))]!++;
  return counts;
}

/** The largest value of an image, and the share of its values that have it; white where that occurs. */
function atMost({ data }: StoredRaster): { value: number; share: number } {
  const white = fullScaleOf(data);
  let value = -Infinity;
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    const at = data[i]!;
    if (at > value) [value, count] = [at, 1];
    else if (at === value) count++;
  }
  return { value: value === white ? Infinity : value, share: count / data.length };
}
