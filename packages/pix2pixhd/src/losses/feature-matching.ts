/**
 * Discriminator feature matching (section 3.3, equation 4). Depends on @pix2pixhd/torch only.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';
import type { Predictions } from '../networks/multiscale-discriminator.js';

/**
 * Σ scales Σ layers but the last: mean |fake − real| · 4 / (layers + 1) / scales, where "layers" counts the
 * convolutions of stride 2. Multiply by λ (10 in the paper).
 * @param real features of the real image; taken as constants.
 */
export function featureMatchingLoss(fake: Predictions, real: Predictions): Tensor {
  // A patch has layers + 2 outputs: the first, one for each of `layers`, the prediction.
  const weight = 4 / (fake[0]!.length - 1) / fake.length;
  const terms = fake.flatMap((layers, scale) =>
    layers.slice(0, -1).map((features, j) => ops.l1Mean(features, ops.detach(real[scale]![j]!))),
  );
  return ops.mul(
    terms.reduce((sum, term) => ops.add(sum, term)),
    weight,
  );
}
