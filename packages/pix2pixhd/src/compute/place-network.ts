/**
 * Networks on the device, dtype and memory format in which they compute. Depends on the choice of them and torch.
 */
import { type nn, releasePages } from '@pix2pixhd/torch';
import type { TrainConfig } from '../config/schema.js';
import type { Compute } from './choose-compute.js';

/** Moves a network to the device, dtype and memory format in which it is trained. */
export function placeNetwork<M extends nn.Module>(network: M, compute: Compute): M {
  network.to({ device: compute.device });
  if (compute.precision === 'bf16') network.toMixedPrecision();
  else network.to({ memoryFormat: compute.memory });
  return network;
}

/**
 * How a network computes that is only used forward: channels-last in float32 too, where an image then takes a tenth less time
 * and a sixth less memory than contiguous (docs/speed.md). Results of more than 8 bits are computed in float32: bfloat16 has 8.
 */
export function computeForInference(compute: Compute, { outputDepth }: Pick<TrainConfig, 'outputDepth'>): Compute {
  const exact = outputDepth === '16' || outputDepth === 'float';
  return { ...compute, ...(exact && { precision: 'fp32', dtype: 'float32' }), memory: 'channels_last' };
}

/**
 * Moves a network that is only used forward to its device, dtype and memory format: in evaluation mode, without gradients and
 * without full-precision masters. The memory that loading it took beyond that is returned to the system.
 */
export function placeForInference<M extends nn.Module>(network: M, compute: Compute): M {
  network.trainable(false).eval().to({ device: compute.device });
  if (compute.precision === 'bf16') {
    // One at a time: all masters beside all copies would be the most memory that the program ever takes.
    for (const parameter of network.parameters()) {
      parameter.toMixedPrecision();
      parameter.discardMaster();
    }
  } else {
    network.to({ memoryFormat: compute.memory });
  }
  releasePages();
  return network;
}
