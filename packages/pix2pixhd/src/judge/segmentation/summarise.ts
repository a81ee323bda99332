/** From counted pixels to scores with intervals, differences and the comparison with the real images. Depends on statistics. */

import { influencesOn } from '../../segmentation/influence.js';
import { matrixOf, type PixelCounts, pixelCounts, type SceneCounts } from '../../segmentation/scene-counts.js';
import { type SegmentationScores, scoresOf } from '../../segmentation/scores.js';
import { bootstrapT, type Estimate } from '../../statistics/bootstrap.js';
import { swapTest } from '../../statistics/sign-flip.js';
import type { Difference, Summary } from '../summary.js';
import type { Segmenting } from './measure-scenes.js';
import { figuresOf, scoreMetrics } from './score-metrics.js';

/** What the real images are called among the methods. */
export const ORACLE = 'oracle';

/** What the segmenter saw in the images of one method. */
export interface MethodSegmentation {
  readonly method: string;
  readonly scores: SegmentationScores;
  /** Rows by label map, columns by segmenter, and a last column for none of the classes. */
  readonly matrix: readonly (readonly number[])[];
  /** Names of the metrics in which it is above the real images. */
  readonly aboveOracle: readonly string[];
}

/** What came of segmenting. */
export interface Segmentation {
  readonly segmenter: string;
  /** At what size it works, in words. */
  readonly protocol: string;
  /** Folder of the label maps. */
  readonly labels: string;
  /** By id. */
  readonly classes: readonly { readonly id: number; readonly name: string }[];
  /** Of the label maps. */
  readonly pixels: PixelCounts;
  /** In their order, the oracle last. */
  readonly methods: readonly MethodSegmentation[];
}

/** Scores of all methods, in the form that other metrics have. */
export interface SegmentationFigures {
  readonly segmentation: Segmentation;
  /** Metric → method, the oracle last → image: its own score. */
  readonly figures: ReadonlyMap<string, readonly (readonly number[])[]>;
  /** Metric → method, the oracle last: the score of all images together. */
  readonly summaries: ReadonlyMap<string, readonly Summary[]>;
  readonly differences: readonly Difference[];
  readonly notes: readonly string[];
}

/**
 * Summarises.
 *
 * @param names of the methods. @param scenes method, the real images last → image → counts.
 */
export function summariseScenes(
  { segmenter, folder, classNames }: Segmenting,
  names: readonly string[],
  scenes: readonly (readonly SceneCounts[])[],
): SegmentationFigures {
  const { labelNc, path, protocol } = segmenter;
  const matrices = scenes.map(of => matrixOf(of, labelNc));
  const scores = matrices.map(scoresOf);
  const oracle = scores.at(-1)!;
  const methods = [...names, ORACLE].map((method, i) => ({
    method,
    scores: scores[i]!,
    matrix: matrices[i]!.toRows(),
    aboveOracle: scoreMetrics.filter(({ score }) => scores[i]![score] > oracle[score]).map(({ name }) => name),
  }));
  const byMetric = <T>(rows: readonly (readonly T[])[]) =>
    new Map(scoreMetrics.map(({ name }, k) => [name, rows.map(row => row[k]!)] as const));
  const alone = scenes.map(of => of.map(scene => figuresOf(scoresOf(matrixOf([scene], labelNc)))));
  return {
    segmentation: {
      ...{ segmenter: path, protocol, labels: folder, methods },
      pixels: pixelCounts(scenes.at(-1)!),
      classes: Array.from({ length: labelNc }, (_, id) => ({ id, name: classNames.get(id) ?? String(id) })),
    },
    figures: new Map(scoreMetrics.map(({ name }, k) => [name, alone.map(of => of.map(figures => figures[k]!))])),
    summaries: byMetric(scenes.map((of, i) => summariesOf(of, scores[i]!, labelNc))),
    differences: differencesOf(names, scenes, labelNc),
    notes: methods.flatMap(aboveNote),
  };
}

/** The scores of one method, of shares, with intervals that stay within them. */
function summariesOf(scenes: readonly SceneCounts[], scores: SegmentationScores, labelNc: number): readonly Summary[] {
  const ends = bootstrapT(scenes.length, times => estimatesOf([{ scenes, sign: 1 }], labelNc, times));
  return figuresOf(scores).map((value, k) => ({ value, ...within(ends[k], 0, scoreMetrics[k]!.scale) }));
}

/** The ends of an interval, no farther than what scores, or differences of them, can be. */
function within(ends: { readonly low: number; readonly high: number } | undefined, least: number, most: number) {
  return ends && { low: Math.max(least, ends.low), high: Math.min(most, ends.high) };
}

/** Scores, or differences of two methods' scores, of a sample of scenes. */
function estimatesOf(
  terms: readonly { readonly scenes: readonly SceneCounts[]; readonly sign: 1 | -1 }[],
  labelNc: number,
  times: Uint32Array,
): readonly Estimate[] {
  const parts = terms.map(({ scenes, sign }) => {
    const matrix = matrixOf(scenes, labelNc, times);
    return { scenes, sign, figures: figuresOf(scoresOf(matrix)), influence: influencesOn(matrix) };
  });
  const squares = scoreMetrics.map(() => 0);
  for (const [i, often] of times.entries()) {
    if (often === 0) continue;
    const moved = parts.map(({ scenes, sign, influence }) => influence(scenes[i]!).map(value => sign * value));
    for (let k = 0; k < squares.length; k++) squares[k]! += often * moved.reduce((sum, of) => sum + of[k]!, 0) ** 2;
  }
  return scoreMetrics.map(({ scale }, k) => ({
    value: parts.reduce((sum, { sign, figures }) => sum + sign * figures[k]!, 0),
    error: scale * Math.sqrt(squares[k]!),
  }));
}

/** Of all methods to the first, on the same scenes. */
function differencesOf(
  names: readonly string[],
  scenes: readonly (readonly SceneCounts[])[],
  labelNc: number,
): readonly Difference[] {
  const first = scenes[0]!;
  return names.slice(1).flatMap((method, i) => {
    const own = scenes[i + 1]!;
    const terms = [
      { scenes: own, sign: 1 },
      { scenes: first, sign: -1 },
    ] as const;
    const all = estimatesOf(terms, labelNc, new Uint32Array(own.length).fill(1));
    const ends = bootstrapT(own.length, times => estimatesOf(terms, labelNc, times));
    const [there, back] = [
      [...own, ...first],
      [...first, ...own],
    ];
    const p = swapTest(own.length, swapped => {
      const times = Uint8Array.from([...swapped.map(one => 1 - one), ...swapped]);
      const [mine, other] = [there, back].map(scenes => figuresOf(scoresOf(matrixOf(scenes, labelNc, times))));
      return mine!.map((value, k) => value - other![k]!);
    });
    return scoreMetrics.flatMap(({ name: metric, scale }, k): Difference[] => {
      const { value } = all[k]!;
      if (!Number.isFinite(value)) return [];
      return [{ metric, method, against: names[0]!, value, ...within(ends[k], -scale, scale), p: p[k]! }];
    });
  });
}

function aboveNote({ method, aboveOracle }: MethodSegmentation): string[] {
  if (aboveOracle.length === 0) return [];
  const titles = scoreMetrics.filter(({ name }) => aboveOracle.includes(name)).map(({ title }) => title);
  return [
    `warning: ${method} is above the real images in ${titles.join(', ')}: its images are easier to segment than real ones, which is not the same as more realistic`,
  ];
}
