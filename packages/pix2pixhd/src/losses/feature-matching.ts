/**
 * Discriminator feature matching (section 3.2, equation 4). Depends on @pix2pixhd/torch only.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';
import type { Predictions } from '../networks/discriminator.js';

/**
 * Σ scales Σ layers mean |fake − real| · 4 / (layers + 1) / scales over the discriminators' feature maps; "layers" counts the
 * convolutions of stride 2, as in the public implementation. A scalar. Multiply by λ (10 in the paper).
 * @param predFake feature maps of the generated image.
 * @param predReal of the real image; taken as constants.
 */
export function featureMatchingLoss(predFake: Predictions, predReal: Predictions): Tensor {
  // A patch has layers + 1 feature maps beside its prediction.
  const weight = 4 / predFake[0]!.featureMaps.length / predFake.length;
  const terms = predFake.flatMap(({ featureMaps }, scale) =>
    featureMaps.map((map, i) => ops.l1Mean(map, ops.detach(predReal[scale]!.featureMaps[i]!))),
  );
  return ops.mul(
    terms.reduce((sum, term) => ops.add(sum, term)),
    weight,
  );
}
