/**
 * Instance-wise average pooling (section 3.4), one vectorised and differentiable pass. Depends on @pix2pixhd/torch only.
 */
import { noGrad, ops, type Tensor } from '@pix2pixhd/torch';

const unique = ops.operator('aten::_unique2');

/**
 * Replaces every pixel's features by the mean over the pixels of the same instance in the same image.
 * @param features (N, C, H, W), floating.
 * @param instances (N, 1, H, W), integer ids up to 2³¹.
 * @returns (N, C, H, W).
 */
export function poolByInstance(features: Tensor, instances: Tensor): Tensor {
  const [images, channels, height, width] = features.shape as [number, number, number, number];
  // Ids of different images must not meet: image n owns the range from n · 2³².
  const index = noGrad(() => {
    const offsets = ops.mul(ops.arange(0, images, 'int64'), 2 ** 32);
    const ids = ops.add(ops.toDtype(instances, 'int64'), ops.reshape(offsets, [images, 1, 1, 1]));
    return (unique([ops.reshape(ids, [-1]), true, true]) as Tensor[])[1]!;
  });
  const rows = ops.reshape(ops.permute(features, [0, 2, 3, 1]), [-1, channels]);
  const counts = noGrad(() => ops.toDtype(ops.reshape(ops.bincount(index), [-1, 1]), features.dtype));
  const zeros = noGrad(() => ops.zeros([counts.shape[0]!, channels], features.dtype));
  const means = ops.div(ops.indexAdd(zeros, 0, index, rows), counts);
  const pooled = ops.reshape(ops.indexSelect(means, 0, index), [images, height, width, channels]);
  return ops.permute(pooled, [0, 3, 1, 2]);
}
