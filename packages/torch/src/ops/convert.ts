/**
 * `to`: another element type, device or order in memory, as a function and as a method. Depends on Tensor and operators by name.
 */
import { bytesPerElement, type DType } from '../dtype.js';
import { Tensor } from '../tensor.js';
import type { TensorFormat } from '../tensor-options.js';
import { operator } from './operator.js';

const toOp = operator('aten::to', 'dtype_layout');

/** What `to` changes, and how. */
export interface ToOptions<D extends DType = DType> extends TensorFormat<D> {
  /** From pinned memory to a CUDA device: return before the copy is done. */
  readonly nonBlocking?: boolean | undefined;
  /** A new tensor also where nothing changes. */
  readonly copy?: boolean | undefined;
}

/**
 * The tensor with another dtype, on another device or in another memory format; the same elements' own storage where nothing
 * changes, as in PyTorch.
 * @param target a dtype, a device (`cpu`, `cuda:0`), or both and more by name.
 */
export function to<D extends DType>(self: Tensor, target: D): Tensor<D>;
export function to<D extends DType, E extends DType = D>(self: Tensor<D>, target: ToOptions<E>): Tensor<NoInfer<E>>;
export function to<D extends DType>(self: Tensor<D>, target: string): Tensor<D>;
export function to(self: Tensor, target: string | ToOptions): Tensor {
  const { dtype, device, nonBlocking, copy, memoryFormat } = typeof target === 'string' ? named(target) : target;
  return toOp([self, dtype, undefined, device, undefined, nonBlocking, copy, memoryFormat]) as Tensor;
}

const named = (target: string): ToOptions =>
  Object.hasOwn(bytesPerElement, target) ? { dtype: target as DType } : { device: target };

declare module '../tensor.js' {
  interface Tensor<D extends DType = DType> {
    /** {@link to}: `x.to('float64')`, `x.to('cuda')`, `x.to({ device, dtype, memoryFormat })`. */
    to<E extends DType>(target: E): Tensor<E>;
    /** {@link to} with several of dtype, device and memory format. */
    to<E extends DType = D>(target: ToOptions<E>): Tensor<NoInfer<E>>;
    /** {@link to} another device. */
    to(target: string): Tensor<D>;
  }
}

Tensor.prototype.to = function (target: string | ToOptions): Tensor<never> {
  return to(this, target as ToOptions) as Tensor<never>;
};
