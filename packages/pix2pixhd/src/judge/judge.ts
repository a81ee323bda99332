/**
 * Compares methods: the whole way from folders of images to figures with intervals. Depends on its neighbours and the metrics'
 * interfaces.
 */
import type { Metric } from '../evaluation/metric.js';
import type { Reading } from './compared-image.js';
import type { FigureCache } from './figure-cache.js';
import { type Exclusion, type Method, matchImages, type Row } from './match.js';
import { type Measured, measureAll } from './measure.js';
import type { ImageFolder } from './result-files.js';
import { type Difference, differencesOf, type Summary, summariseFigures, summariseSet } from './summary.js';
import { allUnreadable, surveyImages } from './survey.js';

/** What is compared, and how. */
export interface Judging {
  readonly real: ImageFolder;
  /** At least one; the others are compared with the first. */
  readonly methods: readonly Method[];
  readonly metrics: readonly Metric[];
  /** Whether the metrics were named: one that is not defined for the images is then an error, not left out. */
  readonly asked: boolean;
  readonly reading: Reading;
  /** Figures of pairs, and observations of images, that are known and will be. */
  readonly cache: FigureCache;
  readonly observed: FigureCache;
  /** Files of weights by name: all that the metrics need. */
  readonly weights: ReadonlyMap<string, string>;
  readonly device: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** What came out. */
export interface Judgement {
  /** The images that were compared, in the order of all figures. */
  readonly rows: readonly Row[];
  readonly methods: readonly Method[];
  readonly metrics: readonly Metric[];
  /** Metric → method → image; metrics of sets have none. */
  readonly figures: ReadonlyMap<string, readonly (readonly number[])[]>;
  /** Metric → method. */
  readonly summaries: ReadonlyMap<string, readonly Summary[]>;
  readonly differences: readonly Difference[];
  readonly exclusions: readonly Exclusion[];
  readonly notes: readonly string[];
}

/**
 * Judges.
 * @returns undefined where `signal` ended it; what was measured is in the cache.
 * @throws UserError where nothing can be compared.
 */
export async function judge(judging: Judging): Promise<Judgement | undefined> {
  const { real, methods, metrics, asked, reading, cache, observed, weights, device, signal, onProgress } = judging;
  const matched = matchImages(real, methods);
  const surveyed = await surveyImages({ rows: matched.rows, methods, metrics, asked, reading });
  const work = { rows: surveyed.rows, methods, reading, cache, observed, weights, device, signal, onProgress };
  const measured = await measureAll(work, surveyed.metrics);
  if (signal?.aborted) return undefined;
  const kept = [...surveyed.rows.keys()].filter(row => !measured.failed.has(row));
  const exclusions = [...matched.exclusions, ...surveyed.exclusions, ...measured.failed.values()];
  if (kept.length === 0) throw allUnreadable([...measured.failed.values()]);
  const figures = figuresOf(measured, kept);
  const names = methods.map(({ name }) => name);
  return {
    rows: kept.map(row => surveyed.rows[row]!),
    methods,
    metrics: surveyed.metrics,
    figures,
    summaries: new Map(surveyed.metrics.map(metric => [metric.name, summariesOf(metric, figures, measured, kept)])),
    differences: [...figures].flatMap(([metric, table]) => differencesOf(metric, names, table)),
    exclusions,
    notes: [...surveyed.notes, ...fewNotes(surveyed.metrics, kept.length)],
  };
}

/** The figures of the rows that are left. */
function figuresOf({ figures }: Measured, kept: readonly number[]): Map<string, number[][]> {
  return new Map([...figures].map(([metric, table]) => [metric, table.map(of => kept.map(row => of[row]!))]));
}

function summariesOf(
  metric: Metric,
  figures: ReadonlyMap<string, readonly (readonly number[])[]>,
  { observations }: Measured,
  kept: readonly number[],
): readonly Summary[] {
  if (metric.kind !== 'set') return figures.get(metric.name)!.map(summariseFigures);
  const table = observations.get(metric.observes)!.map(of => kept.map(row => of[row]!));
  const real = table.at(-1)!;
  // A single image has no covariance.
  if (kept.length < 2) return table.slice(0, -1).map(() => ({ value: Number.NaN }));
  return table.slice(0, -1).map(generated => summariseSet(metric.summarise(generated, real)));
}

function fewNotes(metrics: readonly Metric[], images: number): readonly string[] {
  const few = metrics.filter(metric => metric.kind === 'set' && images < metric.fewImages);
  if (few.length === 0) return [];
  const least = Math.max(...few.map(metric => (metric.kind === 'set' ? metric.fewImages : 0)));
  return [
    `warning: ${few.map(({ title }) => title).join(' and ')} of ${images} images: below ${least} FID is biased upwards and cannot be compared with figures of other numbers of images; KID is unbiased, with a larger error`,
  ];
}
