/**
 * What goes into a training step and what its gradients are, and how to treat all their tensors alike. Depends on torch
 * only.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';

/** One batch on the device. */
export interface StepInput {
  /** (N, C, H, W), encoded, without features. */
  readonly condition: Tensor;
  /** (N, C', H, W) in [-1, 1]. */
  readonly real: Tensor;
  /** (N, 1, H, W) instance ids, which an encoder needs. */
  readonly instances?: Tensor | undefined;
  /** (N, C'', H, W) precomputed features, in place of those of an encoder. */
  readonly features?: Tensor | undefined;
}

/** The losses of a step, scalars still on the device, by the names users of pix2pixHD know. */
export type StepLosses = Record<'G_GAN' | 'D_real' | 'D_fake', Tensor> &
  Partial<Record<'G_GAN_Feat' | 'G_VGG' | 'G_L1', Tensor>>;

/** Losses and gradients by network, in the order of its parameters; null for weights that are frozen. */
export interface StepGradients {
  readonly losses: StepLosses;
  readonly gradients: Readonly<Record<'generator' | 'discriminator' | 'encoder', readonly (Tensor | null)[]>>;
  /** A scalar that is finite exactly where all losses and the gradient towards the image are. */
  readonly finite: Tensor;
}

/** Every tensor of a step's result through `change`. */
export function mapTensors(
  { losses, gradients, finite }: StepGradients,
  change: (tensor: Tensor) => Tensor,
): StepGradients {
  const each = (tensors: readonly (Tensor | null)[]) => tensors.map(tensor => tensor && change(tensor));
  return {
    losses: Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, change(loss)])) as StepLosses,
    gradients: {
      generator: each(gradients.generator),
      discriminator: each(gradients.discriminator),
      encoder: each(gradients.encoder),
    },
    finite: change(finite),
  };
}

/** Every tensor of a step's result, in an order that depends on the networks only. */
export function tensorsOf(step: StepGradients): Tensor[] {
  const all: Tensor[] = [];
  mapTensors(step, tensor => {
    all.push(tensor);
    return tensor;
  });
  return all;
}

/**
 * Losses, and whether all is finite, where their values can be read without waiting: brought to the CPU in one copy, which waits
 * for the device once; they are left where they are there already.
 */
export function toCpu({ losses, finite }: StepGradients): Pick<StepGradients, 'losses' | 'finite'> {
  if (finite.device === 'cpu') return { losses, finite };
  const { dtype } = finite;
  const together = ops.stack([finite, ...Object.values(losses)].map(scalar => ops.toDtype(scalar, dtype)));
  const host = ops.to(together, { device: 'cpu', dtype });
  const values = Object.keys(losses).map((name, i) => [name, ops.select(host, 0, i + 1)]);
  return { losses: Object.fromEntries(values) as StepLosses, finite: ops.select(host, 0, 0) };
}
