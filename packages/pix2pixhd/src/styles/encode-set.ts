/**
 * What a trained encoder makes of a data set: the features of every instance in it. Depends on data, features and the
 * generator that the encoder belongs to.
 */
import { ops, scope, tensor } from '@pix2pixhd/torch';
import type { Sample } from '../data/find/pairs.js';
import type { Batch } from '../data/load/batch.js';
import { Loader } from '../data/load/loader.js';
import type { SampleSpec } from '../data/load/sample.js';
import { UserError } from '../errors.js';
import type { ImageGenerator } from '../inference/image-generator.js';
import type { StylePoint } from './clusters.js';
import { poolByInstance } from './instance-pooling.js';
import { findInstances, type Instance } from './instances.js';

/** An instance of the data set with its features. */
export interface EncodedInstance extends Instance, StylePoint {
  /** Index of its sample. */
  readonly sample: number;
}

/** The features of one image. */
export interface FeatureMap {
  readonly stem: string;
  readonly width: number;
  readonly height: number;
  /** (featNum, H, W), constant over each instance. */
  readonly features: Float32Array;
}

/**
 * Encodes every instance of every sample, however small.
 *
 * @param samples with real images, or precomputed features, and the maps the network was trained with.
 * @param spec how samples are prepared; it must draw nothing, neither crops nor flips.
 * @param onSample called with the pooled feature map of each sample, in order; where it gives `'stop'`, or a promise of
 *   it, no more are encoded.
 * @param onFailure called with what went wrong with a sample; the others follow, unless this throws. Default: it does.
 * @throws what the two throw: by default UserError where a sample cannot be used, or the encoder gives values that are not
 *   finite.
 */
export async function encodeSet(
  generator: ImageGenerator,
  samples: readonly Sample[],
  spec: SampleSpec,
  onSample: (map: FeatureMap, index: number) => unknown,
  onFailure: (sample: Sample, error: unknown) => void = (_, error) => {
    throw error;
  },
): Promise<EncodedInstance[]> {
  const encoded: EncodedInstance[] = [];
  const loader = new Loader({ samples, spec, batchSize: 1, seed: 0, shuffle: false, epochs: 1, cacheBytes: 0 });
  try {
    for (const [index, sample] of samples.entries()) {
      let found: EncodedSample;
      try {
        found = encodeBatch(generator, await loader.batch(0, index), index);
      } catch (error) {
        onFailure(sample, error);
        continue;
      }
      encoded.push(...found.instances);
      if ((await onSample(found.map, index)) === 'stop') break;
    }
  } finally {
    await loader.close();
  }
  return encoded;
}

interface EncodedSample {
  readonly map: FeatureMap;
  readonly instances: readonly EncodedInstance[];
}

function encodeBatch(generator: ImageGenerator, batch: Batch, sample: number): EncodedSample {
  const { featNum, labelFeat } = generator.config;
  const { width, height } = batch;
  const stem = batch.stems[0]!;
  const features = batch.features
    ? pooled(batch, labelFeat, featNum)
    : generator.encodeFeatures(batch.image!, { ...batch, images: 1 });
  const instances = findInstances(idsOf(batch, labelFeat), batch.label, width, height).map(instance => {
    const feature = Float32Array.from({ length: featNum }, (_, c) => features[c * width * height + instance.first]!);
    if (!feature.every(Number.isFinite)) throw notFinite(stem);
    return { ...instance, feature, sample };
  });
  return { map: { stem, width, height, features }, instances };
}

/** Features from a file, which may not have been pooled, or at another size. */
function pooled(batch: Batch, labelFeat: boolean, featNum: number): Float32Array {
  const shape = [1, featNum, batch.height, batch.width];
  return scope(() => {
    const ids = tensor(idsOf(batch, labelFeat), [1, 1, batch.height, batch.width], { dtype: 'int32' });
    const means = poolByInstance(tensor(batch.features!, shape), ids);
    return ops.contiguous(means, { memoryFormat: 'contiguous' }).data() as Float32Array;
  });
}

/** The map whose ids have a style each: that of the instances, or with styles per class that of the labels. */
export function idsOf({ label, instance }: Pick<Batch, 'label' | 'instance'>, labelFeat: boolean): Int32Array {
  const ids = labelFeat ? label : instance;
  if (ids === undefined) throw new TypeError('styles need label maps and, for a style per object, instance maps');
  return ids;
}

function notFinite(stem: string): UserError {
  return new UserError({
    doing: 'encoding the training instances',
    where: stem,
    found: 'features that are not finite',
    expected: 'numbers',
    remedy: 'the training has diverged; take an earlier checkpoint with --which-epoch, or --precision fp32',
  });
}
