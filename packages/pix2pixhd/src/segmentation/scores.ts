/**
 * Scores of a segmentation, from its confusion matrix: Long, Shelhamer and Darrell, "Fully Convolutional Networks for Semantic
 * Segmentation", CVPR 2015, section 5, whose pixel accuracy and mean IoU pix2pixHD's tables have. Depends on the matrix alone.
 */
import type { ConfusionMatrix } from './confusion-matrix.js';

/** The scores of all classes together, in the order in which they are printed. */
export const scoreNames = ['pixelAccuracy', 'classAccuracy', 'meanIou', 'frequencyWeightedIou'] as const;

/** Scores of one class. */
export interface ClassScores {
  readonly id: number;
  /** Pixels that have the class by the label maps. */
  readonly pixels: number;
  /** Share of these that the segmenter sees as the class; null where there are none. */
  readonly accuracy: number | null;
  /** Intersection over union; null where neither label maps nor segmentation have the class. */
  readonly iou: number | null;
}

/** Scores over all pixels of all images together, each from 0 to 1; NaN where no pixel was counted. */
export interface SegmentationScores {
  /** Share of the pixels whose class the segmenter sees. */
  readonly pixelAccuracy: number;
  /** Mean of the classes' accuracies, over those that the label maps have. */
  readonly classAccuracy: number;
  /** Mean of the classes' intersections over union, over those that label maps or segmentation have. */
  readonly meanIou: number;
  /** The same mean, each class weighted by its share of the pixels. */
  readonly frequencyWeightedIou: number;
  readonly perClass: readonly ClassScores[];
}

/**
 * The scores of a confusion matrix. With n_ij the pixels of class i that are taken for j, and t_i all pixels of class i:
 * Σ n_ii / Σ t_i, the mean of n_ii / t_i, the mean of n_ii / (t_i + Σ_j n_ji − n_ii), and the latter weighted by t_i / Σ t_i.
 */
export function scoresOf(matrix: ConfusionMatrix): SegmentationScores {
  const { classes } = matrix;
  const perClass: ClassScores[] = [];
  let [correct, total, weighted] = [0, 0, 0];
  for (let id = 0; id < classes; id++) {
    const hits = matrix.at(id, id);
    let [pixels, found] = [matrix.at(id, classes), 0];
    for (let other = 0; other < classes; other++) {
      pixels += matrix.at(id, other);
      found += matrix.at(other, id);
    }
    const union = pixels + found - hits;
    const iou = union > 0 ? hits / union : null;
    perClass.push({ id, pixels, accuracy: pixels > 0 ? hits / pixels : null, iou });
    correct += hits;
    total += pixels;
    weighted += pixels * (iou ?? 0);
  }
  return {
    pixelAccuracy: correct / total,
    classAccuracy: meanOf(perClass.map(({ accuracy }) => accuracy)),
    meanIou: meanOf(perClass.map(({ iou }) => iou)),
    frequencyWeightedIou: weighted / total,
    perClass,
  };
}

function meanOf(values: readonly (number | null)[]): number {
  const present = values.filter(value => value !== null);
  return present.reduce((sum, value) => sum + value, 0) / present.length;
}
