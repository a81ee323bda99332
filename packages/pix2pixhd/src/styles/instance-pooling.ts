/**
 * Instance-wise average pooling (section 3.4). Depends on @pix2pixhd/torch only.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';

/**
 * Replaces every pixel's features by the mean over the pixels of the same instance in the same image; differentiable in
 * the features.
 * @param features (N, C, H, W), floating.
 * @param instances (N, 1, H, W), ids of any integer type.
 * @returns (N, C, H, W), in the type and memory order of the features.
 */
export function poolByInstance(features: Tensor, instances: Tensor): Tensor {
  return ops.poolByInstance(features, instances);
}
