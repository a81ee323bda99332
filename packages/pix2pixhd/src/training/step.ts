/**
 * The losses and gradients of a training step, and how to treat all their tensors alike. Depends on torch only.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';

/** The losses of a step by the names users of the public implementations know: scalars, still on the device. */
export type StepLosses = Readonly<Record<string, Tensor>>;

/** Losses, and gradients by the names of the networks, in the order of their parameters; null for frozen weights. */
export interface StepGradients<Name extends string = string> {
  readonly losses: StepLosses;
  readonly gradients: Readonly<Record<Name, readonly (Tensor | null)[]>>;
  /** A scalar that is finite exactly where all losses and the gradient of the generated image are. */
  readonly finite: Tensor;
}

/** Applies `change` to every loss. */
export function mapLosses(losses: StepLosses, change: (loss: Tensor) => Tensor): StepLosses {
  return Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, change(loss)]));
}

/** Applies `change` to every tensor of a step's result. */
export function mapTensors(
  { losses, gradients, finite }: StepGradients,
  change: (tensor: Tensor) => Tensor,
): StepGradients {
  const each = (tensors: readonly (Tensor | null)[]) => tensors.map(tensor => tensor && change(tensor));
  return {
    losses: mapLosses(losses, change),
    gradients: Object.fromEntries(Object.entries(gradients).map(([name, own]) => [name, each(own)])),
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

/** A scalar that is finite exactly where all losses and these gradients are, in the losses' type. */
export function sumOfAll(losses: StepLosses, ...gradients: readonly Tensor[]): Tensor {
  const scalars = Object.values(losses);
  const { dtype } = scalars[0]!;
  const sums = gradients.map(gradient => ops.sum(ops.toDtype(gradient, dtype)));
  return scalars.reduce(
    (sum, loss) => ops.add(sum, loss),
    sums.reduce((sum, other) => ops.add(sum, other)),
  );
}
