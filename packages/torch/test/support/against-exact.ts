/**
 * A kernel's values and gradients against libtorch's operator in float64. Depends on the public API, samples and comparison.
 */
import assert from 'node:assert/strict';
import { type DType, grad, type ops, type RandomGenerator, type Tensor } from '../../src/index.js';
import { assertClose, type Tolerance } from './compare.js';
import { exact, exactLeaf, normal } from './samples.js';

/** Computes with the leaves, given in their order. */
type Kernel = (...leaves: Leaves) => Tensor;

/** An input and a weight, or a weight and a bias; perhaps more. */
type Leaves = [Tensor, Tensor, ...Tensor[]];

/**
 * Asserts that `ours` of the leaves, and its gradients towards each for a random upstream gradient, are within the tolerance of
 * what `reference` gives for the same leaves in float64.
 * @returns the gradients found.
 */
export function assertAsExact(
  what: string,
  {
    leaves,
    dtype,
    order,
    generator,
  }: { leaves: Leaves; dtype: DType; order: ops.MemoryFormat; generator: RandomGenerator },
  ours: Kernel,
  reference: Kernel,
  tolerance: Tolerance,
): Tensor[] {
  const output = ours(...leaves);
  assert.equal(output.dtype, dtype, what);
  const exactLeaves = leaves.map(exactLeaf) as Leaves;
  const expected = reference(...exactLeaves);
  assertClose(output, expected, tolerance, `${what} values`);
  const seed = normal(generator, output.shape, dtype, order);
  const found = grad(output, leaves, { seeds: [seed] }).map(gradient => gradient!);
  const wanted = grad(expected, exactLeaves, { seeds: [exact(seed)] });
  found.forEach((gradient, i) => {
    assertClose(gradient, wanted[i]!, tolerance, `${what} gradient ${i}`);
  });
  return found;
}
