/**
 * The registry of metrics: what `evaluate` measures. A metric is a file of its own and a line here, or in
 * `evaluation/pair-metrics.ts`. Depends on the metrics.
 */

import type { AnyMetricName } from '../config/metric-names.js';
import { fidMetric } from '../evaluation/features/fid.js';
import { kidMetric } from '../evaluation/features/kid.js';
import { lpipsMetric, lpipsVggMetric } from '../evaluation/features/lpips-metric.js';
import type { Metric } from '../evaluation/metric.js';
import { pairMetrics } from '../evaluation/pair-metrics.js';

/** All metrics by name, in the order in which they are printed. */
export const metricRegistry: Readonly<Record<AnyMetricName, Metric>> = {
  ...pairMetrics,
  lpips: lpipsMetric,
  'lpips-vgg': lpipsVggMetric,
  fid: fidMetric,
  kid: kidMetric,
};

/** Those that need no weights: what is measured where nothing is said. */
export const plainMetrics: readonly Metric[] = Object.values(pairMetrics);
