/**
 * Gradients against central differences, in float64. Depends on the public API and the comparison.
 */
import { grad, noGrad, ops, RandomGenerator, scope, type Tensor, tensor } from '../../src/index.js';
import { assertClose, numbers } from './compare.js';
import { normal } from './samples.js';

/**
 * Asserts that autograd's gradients of `f`, weighted with random numbers, equal (f(x + h) − f(x − h)) / 2h for every
 * element of every input. The truncation error is of order h², the rounding error of order 1e-16 / h.
 * @param inputs float64; each element is nudged, so keep them small.
 */
export function gradcheck(f: (inputs: readonly Tensor[]) => Tensor, inputs: readonly Tensor[], h = 1e-5): void {
  scope(() => {
    const leaves = inputs.map(input => {
      const leaf = ops.clone(ops.detach(input), { memoryFormat: 'preserve' });
      leaf.requiresGrad = true;
      return leaf;
    });
    const output = f(leaves);
    const seed = normal(new RandomGenerator(99), output.shape);
    const analytic = grad(output, leaves, { seeds: [seed] });
    const weighted = (at: readonly Tensor[]) => ops.sum(ops.mul(f(at), seed)).item();
    noGrad(() => {
      for (const [position, input] of inputs.entries()) {
        const values = numbers(input);
        const format = input.strides[1] === 1 && input.shape.length === 4 ? 'channels_last' : 'contiguous';
        const nudged = (index: number, by: number) =>
          scope(() => {
            const moved = Float64Array.from(values);
            moved[index]! += by;
            const replaced = ops.contiguous(tensor(moved, input.shape), { memoryFormat: format });
            return weighted(inputs.map((other, i) => (i === position ? replaced : other)));
          });
        const numeric = values.map((_, index) => (nudged(index, h) - nudged(index, -h)) / (2 * h));
        assertClose(analytic[position]!, numeric, { absolute: 1e-7, relative: 1e-6 }, `gradient of input ${position}`);
      }
    });
  });
}
