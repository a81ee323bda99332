/** Images as published networks take them. Depends on torch and the type of images. */
import { type FloatDType, ops, type Tensor, tensor } from '@pix2pixhd/torch';
import type { ComparedImage } from '../comparable.js';

/** How a network computes. */
export interface Placement {
  readonly device: string;
  readonly dtype: FloatDType;
}

/**
 * An image as a batch of one, (1, 3, H, W); a grey one three times.
 *
 * @param scale from [0, 255] to what the network takes.
 * @throws RangeError where it is neither grey nor RGB.
 */
export function imageTensor(
  { width, height, channels, data }: ComparedImage,
  scale: (value: number) => number,
  { device, dtype }: Placement,
): Tensor {
  if (channels !== 1 && channels !== 3) throw new RangeError(`a network for RGB, and an image of ${channels} channels`);
  const values = tensor(Float64Array.from(data, scale), [1, height, width, channels], { dtype, device });
  const planes = ops.permute(values, [0, 3, 1, 2]);
  return channels === 3 ? planes : ops.expand(planes, [1, 3, height, width]);
}
