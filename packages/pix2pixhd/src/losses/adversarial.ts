/**
 * Adversarial losses on the verdict maps of all scales (section 3.2, equation 3). Depends on @pix2pixhd/torch only.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';
import type { Verdicts } from '../networks/multiscale-discriminator.js';

/** Least squares (the paper's), vanilla (sigmoid and cross entropy), or hinge. */
export type GanMode = 'lsgan' | 'vanilla' | 'hinge';

/** The verdict map in float32 at least: sums over it decide the loss. */
function verdict(layers: readonly Tensor[]): Tensor {
  const last = layers.at(-1)!;
  return last.dtype === 'bfloat16' ? ops.toDtype(last, 'float32') : last;
}

function sumOverScales(verdicts: Verdicts, loss: (map: Tensor) => Tensor): Tensor {
  return verdicts.map(layers => loss(verdict(layers))).reduce((sum, term) => ops.add(sum, term));
}

function againstTarget(mode: 'lsgan' | 'vanilla', map: Tensor, target: 0 | 1): Tensor {
  const targets = ops.full(map.shape, target, map.dtype, null, map.device);
  return mode === 'lsgan' ? ops.mseLoss(map, targets) : ops.binaryCrossEntropyWithLogits(map, targets);
}

/** What the generator minimises: its images judged real. A scalar, the sum over scales. */
export function generatorLoss(mode: GanMode, fake: Verdicts): Tensor {
  return sumOverScales(fake, map => (mode === 'hinge' ? ops.neg(ops.mean(map)) : againstTarget(mode, map, 1)));
}

/** What the discriminator minimises on real or on generated images; its loss is half the sum of both. */
export function discriminatorLoss(mode: GanMode, verdicts: Verdicts, real: boolean): Tensor {
  return sumOverScales(verdicts, map => {
    if (mode !== 'hinge') return againstTarget(mode, map, real ? 1 : 0);
    return ops.mean(ops.relu(ops.add(real ? ops.neg(map) : map, 1)));
  });
}
