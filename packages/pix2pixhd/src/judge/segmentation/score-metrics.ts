/**
 * `judge/segmentation/`: does a segmenter see in the images what their label maps say? Scores of all images of a method, with the
 * real images scored in the same way beside them.
 *
 * This file has the scores as metrics: what tables, plots and files go by. Depends on the interfaces of both.
 */
import type { MetricFacts } from '../../evaluation/metric.js';
import type { SegmentationScores, scoreNames } from '../../segmentation/scores.js';

/** A score of a method's images, as a metric. */
export interface ScoreMetric extends MetricFacts {
  readonly score: (typeof scoreNames)[number];
  /** From shares to the unit in which the score is printed. */
  readonly scale: number;
}

/** Counted up whenever the same images, label maps and segmenter would be counted otherwise. */
export const COUNTING_VERSION = 1;

const shared = { better: 'higher', version: 1, channels: 'any' } as const;
const percent = { ...shared, unit: '%', decimals: 2, scale: 100 } as const;
const share = { ...shared, unit: '', decimals: 4, scale: 1 } as const;
const SOURCE = 'of all pixels together (Long, Shelhamer and Darrell 2015, section 5)';

/** In the order of `scoreNames`. */
export const scoreMetrics: readonly ScoreMetric[] = [
  {
    ...percent,
    score: 'pixelAccuracy',
    name: 'pixel-accuracy',
    title: 'Pixel accuracy',
    protocol: `share of the pixels whose class the segmenter sees, ${SOURCE}`,
  },
  {
    ...percent,
    score: 'classAccuracy',
    name: 'class-accuracy',
    title: 'Class accuracy',
    protocol: `mean over the classes of the label maps of the share of their pixels whose class the segmenter sees, ${SOURCE}`,
  },
  {
    ...share,
    score: 'meanIou',
    name: 'mean-iou',
    title: 'Mean IoU',
    protocol: `mean intersection over union of the classes that label maps or segmentation have, ${SOURCE}`,
  },
  {
    ...share,
    score: 'frequencyWeightedIou',
    name: 'fw-iou',
    title: 'Frequency-weighted IoU',
    protocol: `the same, each class weighted by its share of the pixels, ${SOURCE}`,
  },
];

/** The scores as figures of the metrics, in their order and units. */
export function figuresOf(scores: SegmentationScores): number[] {
  return scoreMetrics.map(({ score, scale }) => scale * scores[score]);
}
