/** What came of scoring, as plain data for files and programs. Depends on the scores. */
import { ORACLE } from './scenes.js';
import type { ExcludedScene, PixelCounts, ScoredScenes } from './score-scenes.js';
import { type SegmentationScores, scoresOf } from './scores.js';

/** The scores that papers compare methods by. */
const compared = ['pixelAccuracy', 'meanIou'] as const;

/** A method's scores over all scenes. */
export interface MethodScores extends SegmentationScores {
  readonly method: string;
  /** Those of its scores that are above the real images'. */
  readonly aboveOracle: readonly (typeof compared)[number][];
}

/** Scores of all methods, and what they are of. */
export interface SegmentationSummary {
  /** Number of scenes that are scored. */
  readonly scenes: number;
  readonly pixels: PixelCounts;
  readonly excluded: readonly (Pick<ExcludedScene, 'stem' | 'method'> & Excluded)[];
  /** In their order, the oracle last. */
  readonly methods: readonly MethodScores[];
}

interface Excluded {
  readonly code: string;
  readonly where: string | undefined;
  readonly found: string;
}

/** The scores of all methods, each compared with the real images'. */
export function summaryOf({ matrices, scored, excluded, pixels }: ScoredScenes): SegmentationSummary {
  const all = [...matrices].map(([method, matrix]) => ({ method, ...scoresOf(matrix) }));
  const oracle = all.find(({ method }) => method === ORACLE);
  return {
    scenes: scored,
    pixels,
    excluded: excluded.map(({ stem, method, error: { code, parts } }) => {
      return { stem, method, code, where: parts.where, found: parts.found };
    }),
    methods: all.map(one => ({
      ...one,
      aboveOracle: compared.filter(score => oracle !== undefined && one[score] > oracle[score]),
    })),
  };
}

/** The confusion matrix of each method, as rows of counts. */
export function matrixRows({ matrices }: ScoredScenes): Record<string, number[][]> {
  return Object.fromEntries([...matrices].map(([method, matrix]) => [method, matrix.toRows()]));
}
