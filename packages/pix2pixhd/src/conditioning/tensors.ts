/**
 * The condition as the tensor that generator and discriminator read: one-hot labels, the boundary map, images, and
 * behind them the style features (sections 3.3 and 3.4). Depends on torch and on the boundary map, which is in the data module
 * because the dataset check draws it too.
 */
import { type DType, noGrad, ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import { boundaryMap } from '../data/labels/boundary.js';
import type { Condition } from './condition.js';

/** How tensors enter a network: dtype, memory format and device. */
export interface InputFormat {
  readonly dtype: DType;
  readonly memory: ops.MemoryFormat;
  readonly device: string;
}

/** Ids on a device, (N, 1, H, W), int32: what an encoder pools by. */
export function idTensor(ids: Int32Array, images: number, height: number, width: number, device: string): Tensor {
  return tensor(ids, [images, 1, height, width], { dtype: 'int32', device });
}

/** A float32 image (N, C, H, W) in the networks' dtype and memory format. */
export function imageTensor(image: Float32Array, shape: readonly number[], format: InputFormat): Tensor {
  return noGrad(() =>
    scope(() => {
      const exact = tensor(image, shape, { dtype: 'float32', device: format.device });
      return ops.contiguous(ops.toDtype(exact, format.dtype), { memoryFormat: format.memory });
    }),
  );
}

/** Appends style features (N, featNum, H, W) to a condition, as the channels that a generator with styles reads last. */
export function appendStyleFeatures(condition: Tensor, styleFeatures: Tensor): Tensor {
  return ops.cat([condition, ops.toDtype(styleFeatures, condition.dtype)], 1);
}

/**
 * The condition without style features, which is what the discriminator reads too: one channel per class, the boundary map, the
 * channels of the images, as far as there are such.
 *
 * Labels outside the classes set no channel, as "no class" is meant to; whether there are others is not looked at
 * here, see {@link checkLabels}.
 *
 * @param labelNc number of classes of the label maps, 0 where there are none.
 * @param withBoundary whether the boundaries of instance maps are a channel.
 * @param withImage whether images are channels; default where there are no label maps.
 * @returns (N, classes + 1 + image channels, H, W).
 * @throws TypeError where the condition lacks a map or the image.
 */
export function conditionTensor(
  condition: Condition,
  labelNc: number,
  withBoundary: boolean,
  format: InputFormat,
  withImage = labelNc === 0,
): Tensor {
  if (!withImage) return maps(condition, labelNc, withBoundary, format);
  const { images, width, height, source, sourceChannels } = condition;
  if (source === undefined || sourceChannels === undefined)
    throw new TypeError('conditionTensor: expected a source image');
  const pixels = imageTensor(source, [images, sourceChannels, height, width], format);
  if (labelNc === 0 && !withBoundary) return pixels;
  return noGrad(() => scope(() => ops.cat([maps(condition, labelNc, withBoundary, format), pixels], 1)));
}

/** One-hot labels and the boundary map, (N, classes + 1, H, W). */
function maps(condition: Condition, labelNc: number, withBoundary: boolean, format: InputFormat): Tensor {
  const { images, width, height, label, instance } = condition;
  if (labelNc > 0 && label === undefined)
    throw new TypeError(`conditionTensor: expected a label map, since there are ${labelNc} classes`);
  if (withBoundary && instance === undefined)
    throw new TypeError('conditionTensor: expected an instance map, to draw the boundary map from');
  return noGrad(() =>
    scope(() => {
      const shape = [images, 1, height, width];
      const edges = withBoundary ? boundaryMap(instance!, width, height) : null;
      const boundary = edges && tensor(edges, shape, { dtype: 'uint8', device: format.device });
      if (label === undefined || labelNc === 0)
        return ops.contiguous(ops.toDtype(boundary!, format.dtype), { memoryFormat: format.memory });
      // The maps are copied to the device, not the many times larger one-hot channels.
      const ids = tensor(label, shape, { dtype: 'int32', device: format.device });
      return ops.oneHot(ids, boundary, labelNc, format.dtype, format.memory);
    }),
  );
}
