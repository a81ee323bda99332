/**
 * The registry of metrics: what `evaluate` measures. A metric is a file of its own and a line here. Depends on the metrics.
 */

import type { AnyMetricName } from '../config/metric-names.js';
import { ciede2000Metric } from '../evaluation/ciede2000.js';
import { fidMetric } from '../evaluation/features/fid.js';
import { kidMetric } from '../evaluation/features/kid.js';
import { lpipsMetric, lpipsVggMetric } from '../evaluation/features/lpips-metric.js';
import { l1Metric } from '../evaluation/l1.js';
import type { Metric } from '../evaluation/metric.js';
import { msSsimMetric } from '../evaluation/ms-ssim.js';
import { psnrMetric } from '../evaluation/psnr.js';
import { ssimMetric } from '../evaluation/ssim.js';

/** All metrics by name, in the order in which they are printed. */
export const metricRegistry: Readonly<Record<AnyMetricName, Metric>> = {
  psnr: psnrMetric,
  ssim: ssimMetric,
  'ms-ssim': msSsimMetric,
  l1: l1Metric,
  ciede2000: ciede2000Metric,
  lpips: lpipsMetric,
  'lpips-vgg': lpipsVggMetric,
  fid: fidMetric,
  kid: kidMetric,
};

/** Those that need no weights: what is measured where nothing is said. */
export const plainMetrics: readonly Metric[] = Object.values(metricRegistry).filter(({ kind }) => kind === 'pair');
