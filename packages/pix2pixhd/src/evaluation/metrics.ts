/**
 * The everyday figures, which training, the demo and the benches show: PSNR, SSIM and L1 of 8-bit images. All metrics are in
 * `judge/registry.ts`. Depends on the metrics themselves.
 */

import type { Image8 } from '../raster.js';
import { l1Metric } from './l1.js';
import { formatNumber, type PairMetric } from './metric.js';
import { psnrMetric } from './psnr.js';
import { ssimMetric } from './ssim.js';

/** The name of a metric. */
export type MetricName = 'psnr' | 'ssim' | 'l1';

/** A measure of how close a generated image is to the real one. */
export interface Metric {
  /** As it is printed: `PSNR`. */
  readonly title: string;
  /** `dB`, or empty where the figure has no unit. */
  readonly unit: string;
  /** Which direction is the better one. */
  readonly better: 'higher' | 'lower';
  /** Decimals worth printing. */
  readonly decimals: number;
  /** The figure of one pair. */
  readonly compare: (generated: Image8, real: Image8) => number;
}
/**
 * The everyday metrics of image pairs by the name they are stored under: PSNR in dB, SSIM, and the mean absolute difference on [0, 1].
 *
 * @example
 * ```ts
 * for (const name of metricNames) console.log(metrics[name].title, metrics[name].unit, metrics[name].better);
 * ```
 */
export const metrics: Readonly<Record<MetricName, Metric>> = {
  psnr: psnrMetric,
  ssim: ssimMetric,
  l1: l1Metric,
} satisfies Record<MetricName, PairMetric>;

/** One figure per metric. */
export type Figures = Readonly<Record<MetricName, number>>;

/**
 * The names of these metrics, in the order they are printed.
 *
 * @example
 * ```ts
 * console.log(metricNames.join(', ')); // psnr, ssim, l1
 * ```
 */
export const metricNames = Object.keys(metrics) as MetricName[];

/**
 * These metrics of one pair.
 *
 * @throws RangeError where the images cannot be compared: their sizes or channels differ.
 *
 * @example
 * ```ts
 * const grey = (value: number) => ({ width: 16, height: 16, channels: 1, data: new Uint8Array(256).fill(value) });
 * const { psnr, ssim, l1 } = measure(grey(100), grey(110));
 * console.log(psnr, ssim, l1);
 * ```
 */
export function measure(generated: Image8, real: Image8): Figures {
  return byMetric(name => metrics[name].compare(generated, real));
}

/**
 * The mean of each metric over the pairs. A pair of equal images makes the mean PSNR infinite.
 *
 * @throws RangeError where there are none.
 *
 * @example
 * ```ts
 * const grey = (value: number) => ({ width: 16, height: 16, channels: 1, data: new Uint8Array(256).fill(value) });
 * const mean = meanFigures([measure(grey(100), grey(110)), measure(grey(100), grey(120))]);
 * console.log(formatFigure('l1', mean.l1));
 * ```
 */
export function meanFigures(figures: readonly Figures[]): Figures {
  if (figures.length === 0) throw new RangeError('the mean of no figures');
  return byMetric(name => figures.reduce((sum, one) => sum + one[name], 0) / figures.length);
}

/**
 * A figure as it is printed: `19.07 dB`.
 *
 * @example
 * ```ts
 * console.log(formatFigure('psnr', 19.0712)); // 19.07 dB
 * ```
 */
export function formatFigure(name: MetricName, value: number): string {
  const { unit } = metrics[name];
  const number = formatNumber(metrics[name], value);
  return unit === '' ? number : `${number} ${unit}`;
}

function byMetric(figure: (name: MetricName) => number): Figures {
  return Object.fromEntries(metricNames.map(name => [name, figure(name)])) as Record<MetricName, number>;
}
