/**
 * The condition of a batch as plain arrays: what generator and discriminator are told about each image. Depends on the
 * data module.
 */
import { isIgnored } from '../data/labels/values.js';
import type { Batch } from '../data/load/batch.js';

/** Label maps with or without instance maps, images, or both; for networks that take them, with style features. */
export interface Condition {
  /** Images in the batch, N. */
  readonly images: number;
  readonly width: number;
  readonly height: number;
  /** Class ids, (N, H, W); 255 is "no class", or 65535 where there are more than 255 classes. */
  readonly label?: Int32Array;
  /** Instance ids, (N, H, W), any 32-bit integers. */
  readonly instance?: Int32Array;
  /** An input image in [-1, 1], (N, sourceChannels, H, W): in place of labels, or beside them. */
  readonly source?: Float32Array;
  readonly sourceChannels?: number;
  /** Style features (section 3.4), (N, featNum, H, W), constant over each instance. */
  readonly styleFeatures?: Float32Array;
}

/**
 * The condition of a batch that a loader has read.
 *
 * @param styleFeatures in place of those that the batch may have from files.
 */
export function conditionOf(batch: Batch, styleFeatures: Float32Array | undefined = batch.features): Condition {
  const { stems, width, height, label, instance, source, sourceChannels } = batch;
  return {
    images: stems.length,
    width,
    height,
    ...(label && { label }),
    ...(instance && { instance }),
    ...(source && { source, sourceChannels }),
    ...(styleFeatures && { styleFeatures }),
  };
}

/**
 * Refuses labels that are not classes. For conditions that a program made itself: a loader has checked its labels already,
 * where it could still name the file.
 *
 * @param labelNc number of classes; 0 where the condition is an image.
 * @throws RangeError naming the first label that is neither a class nor "no class", and its pixel.
 */
export function checkLabels({ label, width, height }: Condition, labelNc: number): void {
  if (label === undefined || labelNc === 0) return;
  const at = label.findIndex(id => (id < 0 || id >= labelNc) && !isIgnored(id, labelNc));
  if (at < 0) return;
  const [x, y, image] = [at % width, Math.floor(at / width) % height, Math.floor(at / (width * height))];
  throw new RangeError(
    `the label ${label[at]} at x ${x}, y ${y} of image ${image} is not among the classes 0…${labelNc - 1}`,
  );
}
