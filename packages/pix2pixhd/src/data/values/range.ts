/**
 * `values/`: which numbers of a file become black and white. It imports `validate/` and `files/` alone.
 *
 * This file says what a range is, and reads one from an option. Depends on nothing.
 */

/**
 * Which stored values become 0 and 1. `full`: all that the type can hold, and of floating point 0 to 1. `low` to `high`: in the
 * file's own unit, what lies outside is cut off. `per-frame`: percentiles of each image by itself. `clahe`: the same, and then
 * contrast-limited adaptive histogram equalisation.
 */
export type ValueRange = 'full' | 'per-frame' | 'clahe' | FixedRange;

/** A range in the unit of the files. */
export interface FixedRange {
  readonly low: number;
  readonly high: number;
}

/** The option that says which range images of a role have. */
export type RangeOption = '--input-range' | '--output-range';

/** A range, and the option that sets it, for errors. */
export interface ValueScale {
  readonly range: ValueRange;
  readonly option: RangeOption;
}

/** The scale of images of which nothing is known: what their type can hold. */
export const FULL_SCALE: ValueScale = { range: 'full', option: '--input-range' };

/** The scale of images whose range is not decided: every finite value can be used. */
export const ANY_SCALE: ValueScale = { range: 'per-frame', option: '--input-range' };

/** Shares of the values of a data set, or of an image, that lie below and above a range taken from them. */
export const PERCENTILES = { low: 0.001, high: 0.999 } as const;

const fixed = /^\s*([^,\s]+)\s*,\s*([^,\s]+)\s*$/;

/** `LO,HI` as numbers; undefined where the text is something else, or not a range. */
export function parseFixedRange(text: string): FixedRange | undefined {
  const [, low, high] = fixed.exec(text) ?? [];
  if (low === undefined || high === undefined) return undefined;
  const range = { low: Number(low), high: Number(high) };
  return Number.isFinite(range.low) && Number.isFinite(range.high) && range.low < range.high ? range : undefined;
}

/**
 * The range that an option's value means once it has been decided upon. `auto` is decided before a training begins; where
 * nothing was decided, as in an imported network, it is the full range.
 *
 * @throws RangeError where the text is no range.
 */
export function parseRange(text: string): ValueRange {
  if (text === 'auto') return 'full';
  if (text === 'full' || text === 'per-frame' || text === 'clahe') return text;
  const range = parseFixedRange(text);
  if (range === undefined) throw new RangeError(`${text} is not a range of values`);
  return range;
}

/** The ranges of several inputs, separated by slashes; one alone is that of all. */
export function parseRanges(text: string, parse: (text: string) => ValueRange = parseRange): readonly ValueRange[] {
  return text.split('/').map(parse);
}

/** As {@link parseRange}, before a range has been decided: where the data will tell, every finite value can be used. */
export function parseUndecided(text: string): ValueRange {
  return text === 'auto' || text === 'percentile' ? 'per-frame' : parseRange(text);
}

/** A range as the option's value. */
export function formatRange(range: ValueRange): string {
  return typeof range === 'string' ? range : `${range.low},${range.high}`;
}
