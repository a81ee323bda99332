/**
 * Comparison of tensors with numbers, for all tests of this package that need libtorch. Depends on torch only.
 */
import assert from 'node:assert/strict';
import { noGrad, ops, scope, type Tensor } from '@pix2pixhd/torch';

/** The elements as numbers, whatever the element type. */
export function numbers(tensor: Tensor): number[] {
  return noGrad(() => scope(() => [...(ops.toDtype(ops.detach(tensor), 'float64').data() as Float64Array)]));
}

/** The largest absolute difference of two tensors of one shape; NaN where either holds one. */
export function largestDifference(actual: Tensor, expected: Tensor): number {
  assert.deepEqual(actual.shape, expected.shape);
  return noGrad(() =>
    scope(() => {
      const exact = (value: Tensor) => ops.toDtype(ops.detach(value), 'float64');
      return ops.max(ops.abs(ops.sub(exact(actual), exact(expected)))).item();
    }),
  );
}

/** Asserts equal shape and values that differ by at most `absolute`. */
export function assertNear(actual: Tensor, expected: Tensor, absolute: number, what: string): void {
  const off = largestDifference(actual, expected);
  assert.ok(off <= absolute, `${what}: off by ${off}, at most ${absolute} allowed`);
}

/** Asserts two numbers equal to a relative tolerance, with an absolute one beside it for numbers near zero. */
export function assertRelative(actual: number, expected: number, relative: number, what: string, absolute = 0): void {
  const off = Math.abs(actual - expected);
  assert.ok(
    off <= absolute + relative * Math.abs(expected),
    `${what}: ${actual}, expected ${expected} (relative difference ${off / Math.abs(expected)}, at most ${relative} allowed)`,
  );
}
