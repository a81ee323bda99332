/**
 * Tensors from the program's own values. Depends on the binding, elements, Tensor and its conversion.
 */
import { binding } from './binding.js';
import type { DType, TensorData, TypedArray } from './dtype.js';
import { type DTypeOfArray, elementsOf } from './elements.js';
import { TorchError } from './errors.js';
import { to } from './ops/convert.js';
import { Tensor } from './tensor.js';
import type { TensorOptions } from './tensor-options.js';

/** Numbers in rows, rows in matrices, and so on. */
export type NestedNumbers = readonly number[] | readonly NestedNumbers[];

/** What a tensor can be made from. */
export type TensorValues = TypedArray | NestedNumbers;

/** The dtype of `tensor(values, { dtype: D })`, D being never where none is given. */
export type Given<D, V> = [D] extends [never] ? DTypeOfArray<V> : D;

/**
 * Makes a tensor from a copy of `values`, of the given `shape`; without one it is that of the nested arrays, or one axis.
 * @param values elements in row-major order: a typed array, or numbers (float32 unless a dtype is given), also nested:
 * `tensor([[1, 2], [3, 4]])` has the shape [2, 2].
 * @param options a dtype to convert the elements to, as PyTorch does: fractions are cut off on the way to integers. Only the
 * numbers of a `Uint16Array` are taken as bits where it is float16 or bfloat16. For a CUDA device the copy goes through pinned
 * memory and returns at once: operators called later wait for it on the device, the CPU does not. `values` may be overwritten right
 * away.
 * @throws TorchError when the number of values does not fit the shape, or a plain number is beyond an integer type.
 */
export function tensor<V extends TensorValues, D extends DType = never>(
  values: V,
  options?: TensorOptions<D> & { readonly shape?: readonly number[] | undefined },
): Tensor<NoInfer<Given<D, V>>>;
export function tensor<V extends TensorValues, D extends DType = never>(
  values: V,
  shape: readonly number[],
  options?: TensorOptions<D>,
): Tensor<NoInfer<Given<D, V>>>;
export function tensor(
  values: TensorValues,
  shapeOrOptions: readonly number[] | (TensorOptions & { readonly shape?: readonly number[] | undefined }) = {},
  last?: TensorOptions,
): Tensor {
  const options = last ?? (isShape(shapeOrOptions) ? {} : shapeOrOptions);
  const given = isShape(shapeOrOptions) ? shapeOrOptions : shapeOrOptions.shape;
  const nested = Array.isArray(values) && Array.isArray(values[0]);
  const flat = nested ? flatten(values as readonly NestedNumbers[]) : (values as TypedArray | readonly number[]);
  const shape = given ?? (nested ? shapeOf(values as NestedNumbers) : [flat.length]);
  const { dtype, device = 'cpu', pinned = device.startsWith('cuda') } = options;
  const [array, from] = elementsOf(flat, dtype);
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const host = new Tensor(binding.fromBytes(bytes, shape, from, pinned, dtype ?? from));
  if (device === 'cpu') return host;
  try {
    // libtorch keeps pinned memory until the copy is done, also when its tensor is gone.
    return to(host, { device, nonBlocking: pinned });
  } finally {
    host.dispose();
  }
}

const isShape = (value: unknown): value is readonly number[] => Array.isArray(value);

/** Sizes of nested arrays, by their first elements. */
function shapeOf(values: NestedNumbers): number[] {
  const [first] = values;
  return [values.length, ...(Array.isArray(first) ? shapeOf(first) : [])];
}

/** @throws TorchError where rows have different lengths. */
function flatten(values: readonly NestedNumbers[]): number[] {
  const shape = shapeOf(values);
  const flat: number[] = [];
  const visit = (value: number | NestedNumbers, axis: number): void => {
    const isLeaf = axis === shape.length;
    if (isLeaf ? typeof value !== 'number' : !Array.isArray(value) || value.length !== shape[axis])
      throw new TorchError('SHAPE_MISMATCH', `tensor: nested arrays of different lengths; the first say [${shape}]`);
    if (isLeaf) flat.push(value as number);
    else for (const child of value as NestedNumbers) visit(child, axis + 1);
  };
  visit(values, 0);
  return flat;
}

/** Makes a tensor on the CPU from a file's record. */
export function fromData<D extends DType>(data: TensorData<D>): Tensor<D> {
  return new Tensor<D>(binding.fromBytes(data.bytes, data.shape, data.dtype));
}
