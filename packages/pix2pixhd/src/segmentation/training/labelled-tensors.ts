/** Batches of images and label maps as a segmenter's training takes them. Depends on torch, data, compute and conditioning. */
import { ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import type { Compute } from '../../compute/choose-compute.js';
import { imageTensor } from '../../conditioning/tensors.js';
import { IGNORE_LABEL, isIgnored } from '../../data/labels/values.js';
import type { Batch } from '../../data/load/batch.js';

/** Images and label maps of a batch. */
export interface LabelledTensors {
  /** (N, C, H, W), in [-1, 1]. */
  readonly image: Tensor;
  /** (N, H, W), int64. */
  readonly label: Tensor;
}

/** A batch on the device, its images in the network's dtype and memory format. */
export function tensorsOf(batch: Batch, compute: Compute): LabelledTensors {
  const { image, label, stems, height, width, imageChannels } = batch;
  const ids = { dtype: 'int32', device: compute.device } as const;
  return {
    image: imageTensor(image!, [stems.length, imageChannels, height, width], compute),
    label: scope(() => ops.toDtype(tensor(label!, [stems.length, height, width], ids), 'int64')),
  };
}

/** The label of pixels that have no loss: that of no class, or where there are so many classes that it is one, none. */
export function ignoredLabel(labelNc: number): number {
  return isIgnored(IGNORE_LABEL, labelNc) ? IGNORE_LABEL : -1;
}
