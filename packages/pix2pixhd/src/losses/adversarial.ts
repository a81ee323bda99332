/**
 * Adversarial losses on the predictions of all scales (section 3.2, equations 2 and 3). Depends on @pix2pixhd/torch only.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';
import type { Predictions } from '../networks/discriminator.js';

/** Least squares (the paper's), vanilla (sigmoid and cross entropy), or hinge. */
export type GanMode = 'lsgan' | 'vanilla' | 'hinge';

/** Σ scales loss(prediction), in float32 at least: a bfloat16 mean over a map would be too coarse. */
function sumOverScales(predictions: Predictions, loss: (prediction: Tensor) => Tensor): Tensor {
  return predictions
    .map(({ prediction }) => loss(prediction.dtype === 'bfloat16' ? ops.toDtype(prediction, 'float32') : prediction))
    .reduce((sum, term) => ops.add(sum, term));
}

/** Mean over the patches of the distance to a label: 1 real, 0 fake. */
function distanceToLabel(mode: 'lsgan' | 'vanilla', prediction: Tensor, label: 0 | 1): Tensor {
  const { shape, dtype, device } = prediction;
  const labels = ops.full(shape, label, { dtype, device });
  return mode === 'lsgan' ? ops.mseLoss(prediction, labels) : ops.binaryCrossEntropyWithLogits(prediction, labels);
}

/** The generator's loss: low where the discriminators take its images for real. A scalar, the sum over scales. */
export function generatorLoss(mode: GanMode, predFake: Predictions): Tensor {
  return sumOverScales(predFake, prediction =>
    mode === 'hinge' ? ops.neg(ops.mean(prediction)) : distanceToLabel(mode, prediction, 1),
  );
}

/**
 * The discriminators' loss on real or on generated images: low where they tell them apart. A scalar, the sum over scales; what
 * they minimise is half the sum of both.
 */
export function discriminatorLoss(mode: GanMode, predictions: Predictions, real: boolean): Tensor {
  return sumOverScales(predictions, prediction => {
    if (mode !== 'hinge') return distanceToLabel(mode, prediction, real ? 1 : 0);
    return ops.mean(ops.relu(ops.add(real ? ops.neg(prediction) : prediction, 1)));
  });
}
