/** FID as a metric. Depends on the Inception's features and frechet-distance.ts. */
import type { SetMetric } from '../metric.js';
import { frechetDistance } from './frechet-distance.js';
import { INCEPTION_OBSERVATIONS, openInception } from './inception-features.js';

/** FID as a metric. */
export const fidMetric: SetMetric = {
  kind: 'set',
  name: 'fid',
  title: 'FID',
  unit: '',
  better: 'lower',
  decimals: 2,
  version: 1,
  protocol:
    'Heusel et al. 2017 by the protocol of clean-fid (Parmar et al. 2022): images to 299×299 by Pillow’s antialiased bicubic filter in floating point, (v − 128) / 128, the 2048 features of the Inception of 2015-12-05, covariances with n − 1',
  channels: 'colour',
  weights: ['inception'],
  observes: INCEPTION_OBSERVATIONS,
  fewImages: 2048,
  open: openInception,
  summarise: (generated, real) => ({ value: frechetDistance(generated, real) }),
};
