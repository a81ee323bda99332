/**
 * A batch as a training step takes it: encoded, on the device. Depends on conditioning, the networks' sizes and torch.
 */
import type { Tensor } from '@pix2pixhd/torch';
import type { Compute } from '../compute/choose-compute.js';
import { conditionTensor, idTensor, imageTensor } from '../conditioning/tensors.js';
import type { TrainConfig } from '../config/schema.js';
import type { Batch } from '../data/load/batch.js';
import type { TrainingBatch, UnpairedBatch } from '../data/load/batch-source.js';
import { usesBoundary, usesImages } from '../networks/build.js';
import { checkDiscriminators } from '../networks/sizes.js';

/** One batch on the device. */
export interface DeviceBatch {
  /** (N, C, H, W), encoded, without style features; without pairs, images of domain A. */
  readonly condition: Tensor;
  /** (N, C', H, W) in [-1, 1]; without pairs, as many as there are and of their own size. */
  readonly real: Tensor;
  /** (N, 1, H, W) instance ids; an encoder needs them. */
  readonly instances?: Tensor | undefined;
  /** (N, C'', H, W) precomputed style features, in place of an encoder's. */
  readonly features?: Tensor | undefined;
}

/** The options that decide how a batch is encoded. */
export type BatchOptions = Pick<
  TrainConfig,
  'model' | 'labelNc' | 'noInstance' | 'inputs' | 'inputNc' | 'outputNc' | 'featNum' | 'labelFeat' | 'numD' | 'nLayersD'
>;

/**
 * Encodes a batch on the device.
 * @param forEncoder whether an encoder is trained, which needs the instance ids.
 * @throws UserError where the images are too small for so many discriminators.
 */
export function toDeviceBatch(
  batch: TrainingBatch,
  options: BatchOptions,
  compute: Compute,
  forEncoder: boolean,
): DeviceBatch {
  if ('a' in batch) return unpairedBatch(batch, options, compute);
  const { width, height, stems, label, instance, features, image } = batch;
  const images = stems.length;
  checkDiscriminators(options, width, height);
  const ids = options.labelFeat ? label : instance;
  // In float32: the L1 distance is to the image itself, the networks round what they see.
  const exact = { ...compute, dtype: 'float32' } as const;
  return {
    condition: conditionTensor(
      { ...batch, images },
      options.labelNc,
      usesBoundary(options),
      compute,
      usesImages(options),
    ),
    real: imageTensor(image!, [images, options.outputNc, height, width], exact),
    features: features && imageTensor(features, [images, options.featNum, height, width], exact),
    instances: forEncoder ? idTensor(ids!, images, height, width, compute.device) : undefined,
  };
}

/** Images of domain A as the condition, of domain B as the real images. */
function unpairedBatch({ a, b }: UnpairedBatch, options: BatchOptions, compute: Compute): DeviceBatch {
  // In float32: the cycle's distance is to the image itself, the networks round what they see.
  const upload = (image: Float32Array, channels: number, { stems, width, height }: Batch) => {
    checkDiscriminators(options, width, height);
    return imageTensor(image, [stems.length, channels, height, width], { ...compute, dtype: 'float32' });
  };
  return { condition: upload(a.source!, options.inputNc, a), real: upload(b.image!, options.outputNc, b) };
}

/** The tensors of a batch. */
export function batchTensors({ condition, real, instances, features }: DeviceBatch): Tensor[] {
  return [condition, real, instances, features].filter(tensor => tensor !== undefined);
}
