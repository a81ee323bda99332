/**
 * Host arrays to where they are computed with. Depends on Tensor and ops.
 */
import type { DType, TypedArray } from './dtype.js';
import * as ops from './ops/index.js';
import { type Tensor, tensor } from './tensor.js';

/**
 * Makes a tensor on a device from a copy of `values`. For a CUDA device the copy goes through pinned memory and returns at
 * once: operators called later wait for it on the device, the CPU does not. `values` may be overwritten right away.
 * @param values elements in row-major order, as many as the shape has.
 * @param device `cpu`, `cuda:0`, …; on the CPU it is one copy, as {@link tensor} makes it.
 */
export function upload<D extends DType>(
  values: TypedArray,
  shape: readonly number[],
  dtype: D,
  device: string,
): Tensor<D> {
  if (device === 'cpu') return tensor(values, shape, dtype);
  const pinned = device.startsWith('cuda');
  const host = tensor(values, shape, dtype, pinned);
  try {
    // libtorch keeps pinned memory until the copy is done, also when its tensor is gone.
    return ops.to(host, device, dtype, pinned) as Tensor<D>;
  } finally {
    host.dispose();
  }
}
