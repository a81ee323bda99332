/**
 * Random inputs of every element type and memory order. Depends on the public API only.
 */
import { type DType, noGrad, ops, type RandomGenerator, scope, type Tensor } from '../../src/index.js';

/** The element types the fused kernels know. */
export const floatTypes = ['float32', 'float64', 'bfloat16'] as const;

/** The two memory orders of images. */
export const memoryOrders = ['contiguous', 'channels_last'] as const;

/** Standard normal values, drawn in float64 and rounded to `dtype`. */
export function normal(
  generator: RandomGenerator,
  shape: readonly number[],
  dtype: DType = 'float64',
  order: ops.MemoryFormat = 'contiguous',
): Tensor {
  return noGrad(() =>
    scope(() => {
      const drawn = ops.normalInPlace(ops.empty(shape, { dtype: 'float64' }), 0, 1, { generator });
      return ops.clone(ops.contiguous(ops.toDtype(drawn, dtype), { memoryFormat: order }), {
        memoryFormat: 'preserve',
      });
    }),
  );
}

/** A leaf that wants a gradient, with `value`'s elements. */
export function leaf(value: Tensor): Tensor {
  const copy = ops.clone(ops.detach(value), { memoryFormat: 'preserve' });
  copy.requiresGrad = true;
  return copy;
}

/**
 * The same elements in float64, contiguous: what the references compute with. Contiguous since libtorch 1.13's
 * instance_norm gives a wrong gradient for a batch of one where the upstream gradient is channels-last.
 */
export function exact(value: Tensor): Tensor {
  return noGrad(() => ops.contiguous(ops.toDtype(ops.detach(value), 'float64')));
}

/** {@link exact}, as a leaf that wants a gradient. */
export function exactLeaf(value: Tensor): Tensor {
  return leaf(exact(value));
}
