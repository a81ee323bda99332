/**
 * Compares methods: the whole way from folders of images to figures with intervals. Depends on its neighbours and the metrics'
 * interfaces.
 */
import type { Metric, MetricFacts } from '../evaluation/metric.js';
import type { Reading } from './compared-image.js';
import type { FigureCache } from './figure-cache.js';
import { type Exclusion, type Method, matchImages, type Row } from './match.js';
import { type Measured, measureAll } from './measure.js';
import type { ImageFolder } from './result-files.js';
import { measureScenes, type Segmenting, withLabels } from './segmentation/measure-scenes.js';
import { scoreMetrics } from './segmentation/score-metrics.js';
import { ORACLE, type Segmentation, summariseScenes } from './segmentation/summarise.js';
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
  /** Where images are to be segmented. */
  readonly segmenting?: Segmenting | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** What came out. */
export interface Judgement {
  /** The images that were compared, in the order of all figures. */
  readonly rows: readonly Row[];
  readonly methods: readonly Method[];
  readonly metrics: readonly MetricFacts[];
  /** Metric → method, of segmentation scores also the oracle, last → image; metrics of sets have none. */
  readonly figures: ReadonlyMap<string, readonly (readonly number[])[]>;
  /** Metric → method, of segmentation scores also the oracle, last. */
  readonly summaries: ReadonlyMap<string, readonly Summary[]>;
  readonly differences: readonly Difference[];
  readonly exclusions: readonly Exclusion[];
  readonly notes: readonly string[];
  /** Classes and confusion matrices, where images were segmented. */
  readonly segmentation?: Segmentation | undefined;
}

/** What tables have rows for: the methods and, where images were segmented, the oracle. */
export function rowNames({ methods, segmentation }: Judgement): readonly string[] {
  return [...methods.map(({ name }) => name), ...(segmentation === undefined ? [] : [ORACLE])];
}

/**
 * Judges.
 * @returns undefined where `signal` ended it; what was measured is in the cache.
 * @throws UserError where nothing can be compared.
 */
export async function judge(judging: Judging): Promise<Judgement | undefined> {
  const { real, methods, metrics, asked, segmenting, signal, ...rest } = judging;
  const { reading } = rest;
  const matched = matchImages(real, methods);
  const labelled = segmenting === undefined ? { ...matched, exclusions: [] } : withLabels(matched.rows, segmenting);
  const surveyed = await surveyImages({ rows: labelled.rows, methods, metrics, asked, reading });
  const work = { ...rest, rows: surveyed.rows, methods, signal };
  const measured = await measureAll(work, surveyed.metrics);
  const scenes = segmenting && (await measureScenes(work, segmenting, measured));
  if (signal?.aborted) return undefined;
  const kept = [...surveyed.rows.keys()].filter(row => !measured.failed.has(row));
  const exclusions = [
    ...[...matched.exclusions, ...labelled.exclusions],
    ...[...surveyed.exclusions, ...measured.failed.values()],
  ];
  if (kept.length === 0) throw allUnreadable([...measured.failed.values()]);
  const figures = figuresOf(measured, kept);
  const names = methods.map(({ name }) => name);
  const segmented = scenes && summariseScenes(segmenting!, names, ofKept(scenes, kept));
  return {
    rows: kept.map(row => surveyed.rows[row]!),
    methods,
    metrics: [...surveyed.metrics, ...(segmented === undefined ? [] : scoreMetrics)],
    figures: new Map([...figures, ...(segmented?.figures ?? [])]),
    summaries: new Map([
      ...surveyed.metrics.map(metric => [metric.name, summariesOf(metric, figures, measured, kept)] as const),
      ...(segmented?.summaries ?? []),
    ]),
    differences: [
      ...[...figures].flatMap(([metric, table]) => differencesOf(metric, names, table)),
      ...(segmented?.differences ?? []),
    ],
    exclusions,
    notes: [...surveyed.notes, ...fewNotes(surveyed.metrics, kept.length), ...(segmented?.notes ?? [])],
    segmentation: segmented?.segmentation,
  };
}

/** A table's entries of the rows that are left, which have all of them. */
function ofKept<T>(table: readonly (readonly (T | undefined)[])[], kept: readonly number[]): T[][] {
  return table.map(of => kept.map(row => of[row]!));
}

/** The figures of the rows that are left. */
function figuresOf({ figures }: Measured, kept: readonly number[]): Map<string, number[][]> {
  return new Map([...figures].map(([metric, table]) => [metric, ofKept(table, kept)]));
}

function summariesOf(
  metric: Metric,
  figures: ReadonlyMap<string, readonly (readonly number[])[]>,
  { observations }: Measured,
  kept: readonly number[],
): readonly Summary[] {
  if (metric.kind !== 'set') return figures.get(metric.name)!.map(summariseFigures);
  const table = ofKept(observations.get(metric.observes)!, kept);
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
