/** The names of all metrics, for options and registry. Depends on nothing. */

/** Of those that are arithmetic on a pair of images and need no weights: what `--validate` takes. */
export const pairMetricNames = ['psnr', 'ssim', 'ms-ssim', 'l1', 'ciede2000'] as const;

/** The name of such a metric. */
export type PairMetricName = (typeof pairMetricNames)[number];

/** By which `--metrics` names them, in the order in which they are printed. */
export const allMetricNames = [...pairMetricNames, 'lpips', 'lpips-vgg', 'fid', 'kid'] as const;

/** The name of any metric. */
export type AnyMetricName = (typeof allMetricNames)[number];
