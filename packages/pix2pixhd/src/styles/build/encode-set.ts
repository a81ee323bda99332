/**
 * Encodes a data set: the style features of every instance in it. Depends on data, the styles and the generator that the
 * encoder belongs to.
 */

import { ops, scope, tensor } from '@pix2pixhd/torch';
import { featuresAt, type Instance, styledIds, styledInstances } from '@pix2pixhd/web/scene';
import { conditionOf } from '../../conditioning/condition.js';
import type { Sample } from '../../data/find/pairs.js';
import type { Batch } from '../../data/load/batch.js';
import { Loader } from '../../data/load/loader.js';
import type { SampleSpec } from '../../data/load/sample.js';
import { UserError } from '../../errors.js';
import type { ImageGenerator } from '../../inference/image-generator.js';
import type { StylePoint } from '../clusters.js';
import type { ImageStyleFeatures } from '../files/style-features-file.js';

/** An instance of the data set with its style features. */
export interface EncodedInstance extends Instance, StylePoint {
  /** Index of its sample. */
  readonly sample: number;
}

/** What {@link encodeSet} reports while it runs, and how it is stopped. */
export interface EncodeSetOptions {
  /** Called with each sample in order; where it returns a promise, that is waited for. */
  readonly onSample?: (encoded: ImageStyleFeatures, index: number) => unknown;
  /** Called with what went wrong with a sample; the others follow, unless this throws. Default: it does. */
  readonly onFailure?: (sample: Sample, error: unknown) => void;
  /** Stops after the sample at hand. */
  readonly signal?: AbortSignal;
}

/**
 * Encodes every instance of every sample, however small.
 *
 * @param samples with real images, or with style features from files, and the maps the network was trained with.
 * @param spec how samples are prepared; it must draw nothing, neither crops nor flips.
 * @throws what the two callbacks throw: by default UserError where a sample cannot be used, or the encoder gives values that
 *   are not finite.
 */
export async function encodeSet(
  generator: ImageGenerator,
  samples: readonly Sample[],
  spec: SampleSpec,
  { onSample = () => {}, onFailure = rethrow, signal }: EncodeSetOptions = {},
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
      await onSample(found.image, index);
      if (signal?.aborted) break;
    }
  } finally {
    await loader.close();
  }
  return encoded;
}

function rethrow(_: Sample, error: unknown): never {
  throw error;
}

interface EncodedSample {
  readonly image: ImageStyleFeatures;
  readonly instances: readonly EncodedInstance[];
}

function encodeBatch(generator: ImageGenerator, batch: Batch, sample: number): EncodedSample {
  const { featNum, labelFeat } = generator.config;
  const { width, height } = batch;
  const stem = batch.stems[0]!;
  const styleFeatures = batch.features
    ? pooled(batch, labelFeat, featNum)
    : generator.encodeStyles(batch.image!, conditionOf(batch));
  const instances = styledInstances(batch, labelFeat).map(instance => {
    const style = featuresAt(styleFeatures, instance, featNum);
    if (!style.every(Number.isFinite)) throw notFinite(stem);
    return { ...instance, style, sample };
  });
  return { image: { stem, width, height, styleFeatures }, instances };
}

/** Style features from a file, which may not have been pooled, or at another size. */
function pooled(batch: Batch, labelFeat: boolean, featNum: number): Float32Array {
  const { width, height } = batch;
  return scope(() => {
    const ids = tensor(styledIds(batch, labelFeat), [1, 1, height, width], { dtype: 'int32' });
    const means = ops.poolByInstance(tensor(batch.features!, [1, featNum, height, width]), ids);
    return ops.contiguous(means, { memoryFormat: 'contiguous' }).data() as Float32Array;
  });
}

function notFinite(stem: string): UserError {
  return new UserError({
    code: 'FEATURES_UNSUITABLE',
    doing: 'encoding the training instances',
    where: stem,
    found: 'style features that are not finite',
    expected: 'numbers',
    remedy: 'the training has diverged; take an earlier checkpoint with --which-epoch, or --precision fp32',
  });
}
