/** L1, the mean absolute difference. Depends on comparable.ts. */
import { assertComparable, type ComparedImage, WHITE } from './comparable.js';
import type { PairMetric } from './metric.js';

/**
 * Mean absolute difference over all pixels and channels, images scaled to [0, 1]. 0 for equal images, at most 1.
 *
 * @throws RangeError if the images differ in size or channels.
 */
export function l1(a: ComparedImage, b: ComparedImage): number {
  assertComparable(a, b);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / (WHITE * a.data.length);
}

/** L1 as a metric. */
export const l1Metric: PairMetric = {
  kind: 'pair',
  name: 'l1',
  title: 'L1',
  unit: '',
  better: 'lower',
  decimals: 4,
  version: 1,
  protocol: 'mean |a − b| over all pixels and channels, black 0 and white 1',
  channels: 'any',
  leastSide: 1,
  compare: l1,
};
