/** The names of all metrics, for options and registry. Depends on nothing. */

/** By which `--metrics` names them, in the order in which they are printed. */
export const allMetricNames = [
  'psnr',
  'ssim',
  'ms-ssim',
  'l1',
  'ciede2000',
  'lpips',
  'lpips-vgg',
  'fid',
  'kid',
] as const;

/** The name of any metric. */
export type AnyMetricName = (typeof allMetricNames)[number];
