/**
 * Adversarial losses on the prediction maps of all scales (section 3.2, equation 3). Depends on @pix2pixhd/torch only.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';
import type { Predictions } from '../networks/multiscale-discriminator.js';

/** Least squares (the paper's), vanilla (sigmoid and cross entropy), or hinge. */
export type GanMode = 'lsgan' | 'vanilla' | 'hinge';

/** The prediction map in float32 at least: sums over it decide the loss. */
function prediction(layers: readonly Tensor[]): Tensor {
  const last = layers.at(-1)!;
  return last.dtype === 'bfloat16' ? ops.toDtype(last, 'float32') : last;
}

function sumOverScales(predictions: Predictions, loss: (map: Tensor) => Tensor): Tensor {
  return predictions.map(layers => loss(prediction(layers))).reduce((sum, term) => ops.add(sum, term));
}

function againstTarget(mode: 'lsgan' | 'vanilla', map: Tensor, target: 0 | 1): Tensor {
  const targets = ops.full(map.shape, target, { dtype: map.dtype, device: map.device });
  return mode === 'lsgan' ? ops.mseLoss(map, targets) : ops.binaryCrossEntropyWithLogits(map, targets);
}

/** What the generator minimises: its images judged real. A scalar, the sum over scales. */
export function generatorLoss(mode: GanMode, fake: Predictions): Tensor {
  return sumOverScales(fake, map => (mode === 'hinge' ? ops.neg(ops.mean(map)) : againstTarget(mode, map, 1)));
}

/** What the discriminator minimises on real or on generated images; its loss is half the sum of both. */
export function discriminatorLoss(mode: GanMode, predictions: Predictions, real: boolean): Tensor {
  return sumOverScales(predictions, map => {
    if (mode !== 'hinge') return againstTarget(mode, map, real ? 1 : 0);
    return ops.mean(ops.relu(ops.add(real ? ops.neg(map) : map, 1)));
  });
}
