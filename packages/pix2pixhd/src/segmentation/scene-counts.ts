/**
 * How a scene's pixels were counted, in little memory: the cells of its confusion matrix that are not empty. A file of observations
 * keeps it as it is. Depends on the matrix.
 */
import { ConfusionMatrix } from './confusion-matrix.js';

/**
 * Row, column and count of each cell, one after the other. Rows and columns are those of {@link ConfusionMatrix}; pixels that are not
 * scored have the row {@link UNSCORED}. Counts of more than 2²⁴ pixels, above which float32 is not exact, are in parts.
 */
export type SceneCounts = Float32Array;

/** The row of pixels that are not scored; its columns are {@link NO_CLASS} and {@link UNKNOWN_CLASS}. */
const UNSCORED = -1;
const NO_CLASS = 0;
const UNKNOWN_CLASS = 1;
const MOST = 2 ** 24;

/** How the pixels of label maps were counted. */
export interface PixelCounts {
  readonly scored: number;
  /** Those without a class. */
  readonly ignored: number;
  /** Those of a class that the segmenter does not know. */
  readonly unknown: number;
}

/** The cells of one scene's matrix, and its pixels that are not scored. */
export function sceneCounts(matrix: ConfusionMatrix, { ignored, unknown }: Omit<PixelCounts, 'scored'>): SceneCounts {
  const cells: number[] = [];
  const put = (row: number, column: number, count: number) => {
    for (let left = count; left > 0; left -= MOST) cells.push(row, column, Math.min(left, MOST));
  };
  put(UNSCORED, NO_CLASS, ignored);
  put(UNSCORED, UNKNOWN_CLASS, unknown);
  for (let row = 0; row < matrix.classes; row++)
    for (let column = 0; column <= matrix.classes; column++) put(row, column, matrix.at(row, column));
  return Float32Array.from(cells);
}

/** The matrix of several scenes together. @param times how often each counts; default once. */
export function matrixOf(scenes: readonly SceneCounts[], classes: number, times?: ArrayLike<number>): ConfusionMatrix {
  const matrix = new ConfusionMatrix(classes);
  const { counts } = matrix;
  for (const [i, cells] of scenes.entries()) {
    const often = times?.[i] ?? 1;
    if (often === 0) continue;
    for (let k = 0; k < cells.length; k += 3) {
      if (cells[k] === UNSCORED) continue;
      counts[cells[k]! * (classes + 1) + cells[k + 1]!]! += often * cells[k + 2]!;
    }
  }
  return matrix;
}

/** How the pixels of several scenes' label maps were counted. */
export function pixelCounts(scenes: readonly SceneCounts[]): PixelCounts {
  const pixels = { scored: 0, ignored: 0, unknown: 0 };
  for (const cells of scenes)
    for (let k = 0; k < cells.length; k += 3) {
      const kind = cells[k] !== UNSCORED ? 'scored' : cells[k + 1] === NO_CLASS ? 'ignored' : 'unknown';
      pixels[kind] += cells[k + 2]!;
    }
  return pixels;
}
