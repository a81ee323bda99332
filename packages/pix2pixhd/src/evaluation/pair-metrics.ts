/** The metrics that are arithmetic on a pair of images and need no weights, by name. Depends on the metrics. */
import { ciede2000Metric } from './ciede2000.js';
import { l1Metric } from './l1.js';
import type { PairMetric } from './metric.js';
import { msSsimMetric } from './ms-ssim.js';
import { psnrMetric } from './psnr.js';
import { ssimMetric } from './ssim.js';

/** In the order in which they are printed. */
export const pairMetrics = {
  psnr: psnrMetric,
  ssim: ssimMetric,
  'ms-ssim': msSsimMetric,
  l1: l1Metric,
  ciede2000: ciede2000Metric,
} as const satisfies Readonly<Record<string, PairMetric>>;
