/** KID as a metric. Depends on the Inception's features and kernel-distance.ts. */
import type { SetMetric } from '../metric.js';
import { INCEPTION_OBSERVATIONS, openInception } from './inception-features.js';
import { kernelDistance } from './kernel-distance.js';

/** KID as a metric. */
export const kidMetric: SetMetric = {
  kind: 'set',
  name: 'kid',
  title: 'KID',
  unit: '',
  better: 'lower',
  decimals: 5,
  version: 1,
  protocol:
    'Bińkowski et al. 2018 on the features of FID: unbiased, kernel (x·y / 2048 + 1)³, 100 subsets of 1000 images from 2000 images on, otherwise all images at once; standard error by the delete-d jackknife. Not multiplied by 1000',
  channels: 'colour',
  weights: ['inception'],
  observes: INCEPTION_OBSERVATIONS,
  fewImages: 2048,
  open: openInception,
  summarise: (generated, real) => kernelDistance(generated, real),
};
