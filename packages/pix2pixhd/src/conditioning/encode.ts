/**
 * What generator and discriminator are conditioned on: one-hot labels and the boundary map, or an image. Depends on torch
 * and the data module's boundary map.
 */
import { type DType, noGrad, ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import { boundaryMap } from '../data/decode/boundary.js';
import { IGNORE_LABEL } from '../data/raster.js';

/** The raw condition of a batch, as the data module makes it. */
export interface Condition {
  /** Images in the batch. */
  readonly images: number;
  readonly width: number;
  readonly height: number;
  /** Label ids, images × height × width. */
  readonly label?: Int32Array;
  /** Instance ids, the same size. */
  readonly instance?: Int32Array;
  /** An input image in [-1, 1], (N, C, H, W), when there are no labels. */
  readonly source?: Float32Array;
  readonly sourceChannels?: number;
  /** Style features (N, C, H, W), constant over each instance, of networks that take them. */
  readonly features?: Float32Array;
}

/** How tensors enter a network: their type and memory order. */
export interface InputFormat {
  readonly dtype: DType;
  readonly memory: ops.MemoryFormat;
  readonly device: string;
}

/** Brings the ids of a batch to where an encoder reads them: (N, 1, H, W), int32. */
export function encodeIds(ids: Int32Array, images: number, height: number, width: number, device: string): Tensor {
  return tensor(ids, [images, 1, height, width], { dtype: 'int32', device });
}

/** The condition of a generator that takes features: they are appended as channels. */
export function withFeatures(condition: Tensor, features: Tensor): Tensor {
  return ops.cat([condition, ops.toDtype(features, condition.dtype)], 1);
}

/** Brings a float32 image (N, C, H, W) into the networks' type and memory order. */
export function encodeImage(image: Float32Array, shape: readonly number[], format: InputFormat): Tensor {
  return noGrad(() =>
    scope(() => {
      const exact = tensor(image, shape, { dtype: 'float32', device: format.device });
      return ops.contiguous(ops.toDtype(exact, format.dtype), { memoryFormat: format.memory });
    }),
  );
}

/**
 * Encodes a condition.
 * @param labelClasses number of classes, 0 when the condition is an image.
 * @param withBoundary append the boundary channel (labels with instance maps).
 * @returns (N, classes [+ 1] or image channels, H, W).
 * @throws RangeError for a label id outside the classes that is not {@link IGNORE_LABEL}.
 */
export function encodeCondition(
  condition: Condition,
  labelClasses: number,
  withBoundary: boolean,
  format: InputFormat,
): Tensor {
  const { images, width, height, label, instance, source, sourceChannels } = condition;
  if (labelClasses === 0) {
    if (source === undefined || sourceChannels === undefined)
      throw new TypeError('encodeCondition: without label classes a source image is needed');
    return encodeImage(source, [images, sourceChannels, height, width], format);
  }
  if (label === undefined) throw new TypeError('encodeCondition: label classes are given but no label map');
  if (withBoundary && instance === undefined)
    throw new TypeError('encodeCondition: a boundary map is asked for but there is no instance map');
  for (const id of label)
    if ((id < 0 || id >= labelClasses) && id !== IGNORE_LABEL)
      throw new RangeError(`encodeCondition: label ${id} is not among the classes 0…${labelClasses - 1}`);
  return noGrad(() =>
    scope(() => {
      const shape = [images, 1, height, width];
      // The maps travel to the device, not the many times larger one-hot channels.
      const ids = tensor(label, shape, { dtype: 'int32', device: format.device });
      const edges = withBoundary ? boundaryMap(instance!, width, height) : null;
      const boundary = edges && tensor(edges, shape, { dtype: 'uint8', device: format.device });
      return ops.oneHot(ids, boundary, labelClasses, format.dtype, format.memory);
    }),
  );
}
