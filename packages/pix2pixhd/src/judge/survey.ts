/**
 * What the headers of all images tell before the first one is measured: files that cannot be read, sizes that differ, metrics
 * that are not defined, and what is to be said about depth and channels. Depends on data/files.
 */
import { mapConcurrently } from '../concurrently.js';
import { type ImageHeader, readHeader, storageInWords } from '../data/files/header.js';
import { type ErrorCode, UsageError, UserError } from '../errors.js';
import type { Metric } from '../evaluation/metric.js';
import { differingSizes, type Reading } from './compared-image.js';
import type { Exclusion, Method, Row } from './match.js';

/** What the headers told. */
export interface Survey {
  readonly rows: readonly Row[];
  readonly exclusions: readonly Exclusion[];
  readonly metrics: readonly Metric[];
  /** What is compared where it is not plain, and which metrics are left out. */
  readonly notes: readonly string[];
}

/** What is looked at, and what for. */
export interface SurveyRequest {
  readonly rows: readonly Row[];
  readonly methods: readonly Method[];
  readonly metrics: readonly Metric[];
  /** Whether the metrics were named: one that is not defined is then an error. */
  readonly asked: boolean;
  readonly reading: Reading;
}

/**
 * Looks at the headers.
 * @throws UserError where a result and its real image differ in size and are not to be resized, or no image or metric is left.
 */
export async function surveyImages({ rows, methods, metrics, asked, reading }: SurveyRequest): Promise<Survey> {
  const exclusions: Exclusion[] = [];
  const read = await mapConcurrently(rows, async row => {
    const headers: ImageHeader[] = [];
    for (const [i, file] of [row.real, ...row.results].entries()) {
      try {
        headers.push(await readHeader(file));
      } catch (error) {
        exclusions.push(unreadable(row, i - 1, methods, error));
        return undefined;
      }
    }
    return { row, headers };
  });
  const seen = read.filter(one => one !== undefined);
  if (seen.length === 0) throw allUnreadable(exclusions);
  if (reading.resize === 'none') expectSameSizes(seen);
  const { defined, notes } = definedFor(seen, metrics, asked, reading);
  return {
    rows: seen.map(({ row }) => row),
    exclusions: exclusions.sort((a, b) => (a.stem < b.stem ? -1 : 1)),
    metrics: defined,
    notes: [...depthNotes(seen, reading), ...notes],
  };
}

/** What is wrong with one file; anything else is a matter of all of them, and an error. */
const OF_ONE_FILE: readonly ErrorCode[] = ['FILE_UNREADABLE', 'FILE_NOT_FOUND'];

/** Whether an error is about one damaged file, without which the others can be compared. */
export function isDamage(error: unknown): error is UserError {
  return error instanceof UserError && OF_ONE_FILE.includes(error.code);
}

/**
 * The exclusion of an image with a file that is damaged.
 * @param method its index, −1 for the real image.
 * @throws what was thrown, where it is no damage.
 */
export function unreadable(row: Row, method: number, methods: readonly Method[], error: unknown): Exclusion {
  if (!isDamage(error)) throw error;
  const { where, found } = error.parts;
  const names = method < 0 ? [] : [methods[method]!.name];
  return { stem: row.stem, why: 'unreadable', methods: names, found, ...(where !== undefined && { file: where }) };
}

/** The error that no image could be read. */
export function allUnreadable(exclusions: readonly Exclusion[]): UserError {
  const first = exclusions[0]!;
  return new UserError({
    code: 'FILE_UNREADABLE',
    doing: 'reading the images to compare',
    ...(first.file !== undefined && { where: first.file }),
    found: `${first.found ?? 'nothing'}; none of the ${exclusions.length} images can be used`,
    expected: 'images that can be decoded',
    remedy: 'check the files, and the folders that were given',
  });
}

interface Seen {
  readonly row: Row;
  /** Of the real image, and of each method's. */
  readonly headers: readonly ImageHeader[];
}

function expectSameSizes(seen: readonly Seen[]): void {
  const differing = seen.flatMap(({ row, headers }) => {
    const [real, ...results] = headers as [ImageHeader, ...ImageHeader[]];
    return results.flatMap((result, i) =>
      result.width === real.width && result.height === real.height
        ? []
        : [{ file: row.results[i]!, real: row.real, result, size: real }],
    );
  });
  const [first] = differing;
  if (first === undefined) return;
  const count = differing.length > 1 ? `; ${differing.length} results differ so` : '';
  throw differingSizes(first.file, first.real, first.result, first.size, count);
}

/** The metrics that all images have, and why the others are left out. */
function definedFor(
  seen: readonly Seen[],
  metrics: readonly Metric[],
  asked: boolean,
  { resize }: Reading,
): { readonly defined: readonly Metric[]; readonly notes: readonly string[] } {
  const sizes = seen.map(({ headers }) => (typeof resize === 'object' ? resize : headers[0]!));
  const least = sizes.reduce((a, b) => (Math.min(b.width, b.height) < Math.min(a.width, a.height) ? b : a));
  const bands = seen.flatMap(({ headers }) => headers.map(({ channels, alpha }) => channels - (alpha ? 1 : 0)));
  const strange = bands.find(count => count !== 1 && count !== 3);
  const defined: Metric[] = [];
  const notes: string[] = [];
  for (const metric of metrics) {
    const why =
      metric.kind !== 'set' && Math.min(least.width, least.height) < metric.leastSide
        ? `it is defined from ${metric.leastSide} pixels a side on, and an image has ${least.width}×${least.height}`
        : metric.channels === 'colour' && strange !== undefined
          ? `it is defined for grey and RGB, and an image has ${strange} channels`
          : undefined;
    if (why === undefined) defined.push(metric);
    else if (asked) throw undefinedMetric(metric, why);
    else notes.push(`${metric.title} is left out: ${why}`);
  }
  if (defined.length === 0) throw undefinedMetric(metrics[0]!, notes[0]!);
  return { defined, notes };
}

function undefinedMetric({ name, title }: Metric, why: string): UsageError {
  return new UsageError({
    code: 'IMAGE_UNSUITABLE',
    doing: `measuring ${title}`,
    where: '--metrics',
    found: why,
    remedy: `leave ${name} out of --metrics, or give --resize WxH with a larger size`,
  });
}

/** What is compared where files are not 8-bit images of one kind. */
function depthNotes(seen: readonly Seen[], { range }: Reading): readonly string[] {
  const headers = seen.flatMap(one => one.headers);
  const count = (holds: (header: ImageHeader) => boolean) => headers.filter(holds).length;
  const deep = headers.filter(({ storage }) => storage !== 'uchar');
  const mixed = seen.filter(one => new Set(one.headers.map(channelsOf)).size > 1).length;
  const alpha = count(header => header.alpha);
  const notes: string[] = [];
  if (range !== 'full')
    notes.push(
      `values from ${range.low} to ${range.high} are compared as black to white; what lies outside is cut off`,
    );
  else if (deep.length > 0) {
    const kinds = [...new Set(deep.map(({ storage }) => (storage === 'ushort' ? '16 bits' : storageInWords(storage))))];
    notes.push(
      `${deep.length} of ${headers.length} files have ${kinds.join(' and ')}: compared at their full depth, black to white of their type; --output-range LO,HI sets another`,
    );
  }
  if (alpha > 0) notes.push(`${alpha} of ${headers.length} files have an alpha channel, which is ignored`);
  if (mixed > 0) notes.push(`of ${mixed} images some files are grey and others RGB: grey is compared as RGB`);
  return notes;
}

function channelsOf({ channels, alpha }: ImageHeader): number {
  return channels - (alpha ? 1 : 0);
}
