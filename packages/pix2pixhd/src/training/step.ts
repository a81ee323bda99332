/**
 * The losses and gradients of a training step, and how to treat all their tensors alike. Depends on torch only.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';

/** The losses of a step by the names users of pix2pixHD know: scalars, still on the device. */
export type StepLosses = Readonly<Record<'G_GAN' | 'D_real' | 'D_fake', Tensor>> & {
  /** The other terms of the generator's loss. */
  readonly [name: string]: Tensor;
};

/** Losses, and gradients per network in the order of its parameters; null for frozen weights. */
export interface StepGradients {
  readonly losses: StepLosses;
  readonly gradients: Readonly<Record<'generator' | 'discriminator' | 'encoder', readonly (Tensor | null)[]>>;
  /** A scalar that is finite exactly where all losses and the gradient of the generated image are. */
  readonly finite: Tensor;
}

/** Applies `change` to every loss. */
export function mapLosses(losses: StepLosses, change: (loss: Tensor) => Tensor): StepLosses {
  return Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, change(loss)])) as StepLosses;
}

/** Applies `change` to every tensor of a step's result. */
export function mapTensors(
  { losses, gradients, finite }: StepGradients,
  change: (tensor: Tensor) => Tensor,
): StepGradients {
  const each = (tensors: readonly (Tensor | null)[]) => tensors.map(tensor => tensor && change(tensor));
  return {
    losses: mapLosses(losses, change),
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
 * The losses, and whether all is finite, on the CPU: in one copy, which waits for the device once. What is on the CPU
 * already is returned as it is.
 */
export function toCpu({ losses, finite }: StepGradients): Pick<StepGradients, 'losses' | 'finite'> {
  if (finite.device === 'cpu') return { losses, finite };
  const { dtype } = finite;
  const together = ops.stack([finite, ...Object.values(losses)].map(scalar => ops.toDtype(scalar, dtype)));
  const host = ops.to(together, { device: 'cpu', dtype });
  let row = 0;
  return { losses: mapLosses(losses, () => ops.select(host, 0, ++row)), finite: ops.select(host, 0, 0) };
}
