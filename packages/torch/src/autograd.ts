/**
 * Reverse-mode differentiation. Depends on the binding and Tensor. Semantics: PyTorch's torch.autograd.
 */
import { binding } from './binding.js';
import { Tensor } from './tensor.js';

/** Runs `body` without recording a graph. */
export function noGrad<T>(body: () => T): T {
  return withGradMode(false, body);
}

/** Runs `body` with recording on, also inside {@link noGrad}. */
export function enableGrad<T>(body: () => T): T {
  return withGradMode(true, body);
}

function withGradMode<T>(on: boolean, body: () => T): T {
  const before = binding.isGradEnabled();
  binding.setGradEnabled(on);
  try {
    return body();
  } finally {
    binding.setGradEnabled(before);
  }
}

/**
 * Adds the gradients of a scalar to the `grad` of every leaf it depends on.
 * @param seed gradient of the root; needed unless the root is a scalar.
 */
export function backward(root: Tensor, seed: Tensor | null = null, retainGraph = false): void {
  binding.backward([root.handle], seed === null ? null : [seed.handle], retainGraph);
}

/** How {@link grad} treats the graph. */
export interface GradOptions {
  /** Keep the graph for another backward pass. */
  readonly retainGraph?: boolean;
  /** Give null for inputs that the output does not depend on, instead of throwing. */
  readonly allowUnused?: boolean;
  /** Gradients of the outputs; ones for a scalar. */
  readonly seeds?: readonly Tensor[];
}

/**
 * The gradients of `outputs` with respect to chosen inputs, leaving every `grad` untouched. Nothing is computed for
 * other leaves: this is how a generator's step avoids the discriminator's weight gradients.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const roots = outputs instanceof Tensor ? [outputs] : outputs;
  const handles = binding.grad(
    roots.map(root => root.handle),
    inputs.map(input => input.handle),
    options.seeds?.map(seed => seed.handle) ?? null,
    options.retainGraph ?? false,
    options.allowUnused ?? false,
  );
  return handles.map(handle => (handle === null ? null : new Tensor(handle)));
}
