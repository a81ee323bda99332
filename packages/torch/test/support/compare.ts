/**
 * Comparison of tensors with numbers, for all tests of this package. Depends on the public API only.
 */
import assert from 'node:assert/strict';
import { noGrad, ops, scope, type Tensor } from '../../src/index.js';

/** The elements as numbers, whatever the element type. */
export function numbers(tensor: Tensor): number[] {
  return noGrad(() => scope(() => [...(ops.toDtype(ops.detach(tensor), 'float64').data() as Float64Array)]));
}

/** How far an element may be off: `absolute + relative · |expected|`. */
export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

/** Asserts equal shape and, element by element, values within the tolerance; names the worst element. */
export function assertClose(
  actual: Tensor,
  expected: Tensor | readonly number[],
  { absolute = 0, relative = 0 }: Tolerance,
  what = 'tensor',
): void {
  if (!Array.isArray(expected)) assert.deepEqual(actual.shape, (expected as Tensor).shape, `${what}: shape`);
  const found = numbers(actual);
  const wanted = Array.isArray(expected) ? (expected as number[]) : numbers(expected as Tensor);
  assert.equal(found.length, wanted.length, `${what}: number of elements`);
  let worst = { excess: -1, index: -1 };
  for (const [index, value] of found.entries()) {
    const allowed = absolute + relative * Math.abs(wanted[index]!);
    const off = Math.abs(value - wanted[index]!);
    // Written so that a NaN counts as off.
    if (!(off <= allowed) && !(off - allowed <= worst.excess)) worst = { excess: off - allowed, index };
  }
  if (worst.index >= 0)
    assert.fail(
      `${what}: element ${worst.index} is ${found[worst.index]}, expected ${wanted[worst.index]} (within ${absolute} + ${relative} relative)`,
    );
}
