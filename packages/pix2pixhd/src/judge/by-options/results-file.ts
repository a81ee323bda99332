/** `results.json`: everything that was measured, for programs. Depends on judge and the metrics' interfaces. */

import { type Judgement, rowNames } from '../judge.js';
import type { Exclusion } from '../match.js';
import type { Segmentation } from '../segmentation/summarise.js';
import type { Difference, Summary } from '../summary.js';

/** A metric as the results have it. */
export interface EvaluatedMetric {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly version: number;
  readonly protocol: string;
}

/** A method as the results have it. */
export interface EvaluatedMethod {
  readonly name: string;
  /** The folder of its images. */
  readonly folder: string;
  /** The ending that public programs gave the files' names, if they have one. */
  readonly ending: string;
}

/** What an evaluation found. Numbers that JSON does not have are null in its file. */
export interface Evaluation {
  /** The command that makes it again. */
  readonly command: string;
  readonly real: string;
  readonly methods: readonly EvaluatedMethod[];
  readonly metrics: readonly EvaluatedMetric[];
  /** Stems of the images that were compared, the same for all methods. */
  readonly images: readonly string[];
  /** Metric → method, of segmentation scores also `oracle` → the mean with its interval, or the figure of the set. */
  readonly summaries: Readonly<Record<string, Readonly<Record<string, Summary>>>>;
  /** Of all methods to the first one, on the same images. */
  readonly differences: readonly Difference[];
  /** Metric → method → the figure of each image, in the order of `images`. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  /** Images that were not compared, and why. */
  readonly excluded: readonly Exclusion[];
  readonly notes: readonly string[];
  /** Scores of each class and confusion matrices, where images were segmented. */
  readonly segmentation?: Segmentation;
}

/** The results as data. */
export function evaluationOf(judgement: Judgement, command: string, real: string): Evaluation {
  const { rows, methods, metrics, figures, summaries, differences, exclusions, notes, segmentation } = judgement;
  const names = rowNames(judgement);
  const byMethod = <T>(values: readonly T[]): Record<string, T> =>
    Object.fromEntries(values.map((value, i) => [names[i]!, value]));
  return {
    command,
    real,
    methods: methods.map(({ name, folder: { path, ending } }) => ({ name, folder: path, ending })),
    metrics: metrics.map(({ name, title, unit, better, version, protocol }) => ({
      ...{ name, title, unit, better, version, protocol },
    })),
    images: rows.map(({ stem }) => stem),
    summaries: Object.fromEntries([...summaries].map(([name, values]) => [name, byMethod(values)])),
    differences,
    figures: Object.fromEntries([...figures].map(([name, table]) => [name, byMethod(table)])),
    excluded: exclusions,
    notes,
    ...(segmentation && { segmentation }),
  };
}
