/**
 * The registry of metrics: what `evaluate` measures. A metric is a file of its own and a line here. Depends on the metrics.
 */
import { ciede2000Metric } from './ciede2000.js';
import { fidMetric } from './features/fid.js';
import { kidMetric } from './features/kid.js';
import { lpipsMetric, lpipsVggMetric } from './features/lpips-metric.js';
import { l1Metric } from './l1.js';
import type { Metric } from './metric.js';
import type { AnyMetricName } from './metric-names.js';
import { msSsimMetric } from './ms-ssim.js';
import { psnrMetric } from './psnr.js';
import { ssimMetric } from './ssim.js';

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
