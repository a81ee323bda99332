/**
 * The arithmetic of shapes and strides that all file formats share. Depends on the element types only.
 */

import { bytesPerElement, type DType, type TensorData } from '../dtype.js';
import { TorchError } from '../errors.js';

/** More dimensions than any tensor has (PyTorch and NumPy stop at 64); a longer shape is a damaged file. */
const maxDimensions = 64;

/**
 * The number of elements of a shape read from a file.
 * @returns undefined if it is not a shape: too long, a negative or fractional size, or a product beyond 2^53.
 */
export function elementCount(shape: readonly unknown[]): number | undefined {
  if (shape.length > maxDimensions) return undefined;
  let count = 1;
  for (const size of shape) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
    count *= size;
  }
  return Number.isSafeInteger(count) ? count : undefined;
}

/**
 * Checks that a tensor's bytes match its shape and element type, before they are written to a file.
 * @param name names the tensor in the error.
 */
export function checkTensorData(name: string, { dtype, shape, bytes }: TensorData): void {
  const size = bytesPerElement[dtype];
  if (size === undefined)
    throw new TorchError('INVALID_ARGUMENT', `tensor ${name}: unknown element type ${String(dtype)}`);
  const count = elementCount(shape);
  if (count === undefined) throw new TorchError('INVALID_ARGUMENT', `tensor ${name}: [${shape}] is not a shape`);
  if (bytes.byteLength !== count * size) {
    throw new TorchError(
      'SHAPE_MISMATCH',
      `tensor ${name}: ${dtype} of shape [${shape}] takes ${count * size} bytes, but ${bytes.byteLength} were given`,
    );
  }
}

/** Strides, in elements, of a contiguous tensor in C (row-major) order. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= Math.max(1, shape[axis]!);
  }
  return strides;
}

/** Whether the elements are contiguous in C order; the stride of an axis of size 1 does not matter. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  const expected = contiguousStrides(shape);
  return shape.includes(0) || shape.every((size, axis) => size === 1 || strides[axis] === expected[axis]);
}

/** How many elements of the storage a tensor spans, from its first to its last; 0 if it is empty. */
export function elementSpan(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((span, size, axis) => span + (size - 1) * strides[axis]!, 1);
}

/**
 * Copies a strided view into C order.
 * @param bytes the storage from the view's first element on, at least {@link elementSpan} elements.
 * @param strides non-negative, in elements.
 */
export function gatherContiguous(
  dtype: DType,
  bytes: Uint8Array,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array {
  const size = bytesPerElement[dtype];
  // Copied as unsigned integers, never as floats: copying a float may change the bits of a NaN.
  if (size === 1) return gather(bytes, new Uint8Array(product(shape)), shape, strides);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const unit = size === 2 ? Uint16Array : Uint32Array;
  const source = new unit(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    Math.floor(bytes.byteLength / unit.BYTES_PER_ELEMENT),
  );
  const perElement = size / unit.BYTES_PER_ELEMENT; // 2 for eight-byte elements: one more axis of size 2
  const unitShape = perElement === 1 ? shape : [...shape, perElement];
  const unitStrides = perElement === 1 ? strides : [...strides.map(stride => stride * perElement), 1];
  const target = gather(source, new unit(product(unitShape)), unitShape, unitStrides);
  return new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
}

type Units = Uint8Array | Uint16Array | Uint32Array;

function gather<T extends Units>(source: T, target: T, shape: readonly number[], strides: readonly number[]): T {
  const innerSize = shape.at(-1) ?? 1;
  const innerStride = strides.at(-1) ?? 1;
  const index = new Array<number>(Math.max(0, shape.length - 1)).fill(0);
  let start = 0;
  for (let done = 0; done < target.length; done += innerSize) {
    for (let i = 0; i < innerSize; i++) target[done + i] = source[start + i * innerStride]!;
    for (let axis = index.length - 1; axis >= 0; axis--) {
      start += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      start -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return target;
}

function product(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}
