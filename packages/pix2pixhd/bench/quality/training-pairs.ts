/** The real images that the feature network learns from. Depends on config, data and run. */
import { trainSchema } from '../../src/config/schema.js';
import { findSamples, type Sample } from '../../src/data/find/pairs.js';
import type { SampleSpec } from '../../src/data/load/sample.js';
import { wholeImage } from '../../src/data/load/transform.js';
import { trainingSpec } from '../../src/run/training-spec.js';

/** The training pairs of a data set, and how they are read: whole, at their own size. */
export function trainingPairs(
  dataroot: string,
  labelNc: number,
): { readonly samples: readonly Sample[]; readonly spec: SampleSpec } {
  const options = { name: 'features', dataroot, labelNc, noInstance: true, resizeOrCrop: 'none' };
  const spec = trainingSpec(trainSchema.parse(options));
  return {
    samples: findSamples(dataroot, 'train', { labelNc, useInstance: false }),
    spec: { ...spec, transform: wholeImage({ ...spec.transform, multiple: 1, least: 1 }) },
  };
}
