/**
 * Numbers and typed arrays as the elements of a tensor. Depends on dtype's types.
 */

import type { DType, TypedArray } from './dtype.js';
import { TorchError } from './errors.js';

/**
 * The element type `tensor` gives to values when it is not told: a typed array's own, float32 for numbers. A
 * `Uint16Array` has none: it holds the bits of 16-bit floats, or numbers.
 */
export type DTypeOfArray<V> = V extends Float64Array
  ? 'float64'
  : V extends BigInt64Array
    ? 'int64'
    : V extends Int32Array
      ? 'int32'
      : V extends Int16Array
        ? 'int16'
        : V extends Int8Array
          ? 'int8'
          : V extends Uint8Array
            ? 'uint8'
            : V extends Uint16Array
              ? never
              : 'float32';

/** The element type whose elements lie in a typed array as libtorch has them; undefined where there is none. */
function ownDType(values: TypedArray): DType | undefined {
  if (values instanceof Float32Array) return 'float32';
  if (values instanceof Float64Array) return 'float64';
  if (values instanceof BigInt64Array) return 'int64';
  if (values instanceof Int32Array) return 'int32';
  if (values instanceof Int16Array) return 'int16';
  if (values instanceof Int8Array) return 'int8';
  if (values instanceof Uint8Array) return 'uint8';
  return undefined;
}

/** Smallest and greatest number of the integer types that plain numbers are looked at for. */
const integerRanges: Partial<Record<DType, readonly [number, number]>> = {
  int64: [-(2 ** 63), 2 ** 63 - 1024],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
};

/** Packs plain numbers for elements of `dtype`: in its own typed array, or in one that is converted from. */
function pack(values: readonly number[], dtype: DType): TypedArray {
  const range = integerRanges[dtype];
  if (range !== undefined) {
    const wrong = values.findIndex(value => !(Math.trunc(value) >= range[0] && Math.trunc(value) <= range[1]));
    if (wrong >= 0)
      throw new TorchError(
        'INVALID_ARGUMENT',
        `tensor: element ${wrong} is ${values[wrong]}, which is beyond ${dtype}`,
      );
  }
  switch (dtype) {
    case 'float64':
      return Float64Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, value => BigInt(Math.trunc(value)));
    case 'int32':
      return Int32Array.from(values);
    case 'int16':
      return Int16Array.from(values);
    case 'int8':
      return Int8Array.from(values);
    case 'uint8':
      return Uint8Array.from(values);
    case 'bool':
      return Uint8Array.from(values, value => (value === 0 ? 0 : 1));
    default:
      return Float32Array.from(values);
  }
}

/**
 * The array whose bytes libtorch is given, and the element type that they are of; what is wanted may be another, to which
 * libtorch converts.
 * @param wanted element type of the tensor; the values' own when left out, float32 for numbers.
 * @throws TypeError for a typed array that has no element type, RangeError for a number beyond an integer type.
 */
export function elementsOf(
  given: TypedArray | readonly number[],
  wanted: DType | undefined,
): [array: TypedArray, dtype: DType] {
  const values = Array.isArray(given) ? pack(given, wanted ?? 'float32') : (given as TypedArray);
  const own = ownDType(values);
  if (own !== undefined) return [values, own];
  if (!(values instanceof Uint16Array))
    throw new TorchError(
      'INVALID_ARGUMENT',
      `tensor: expected numbers or a typed array of at most 64 bits, found ${describe(values)}`,
    );
  if (wanted === undefined)
    throw new TorchError(
      'INVALID_ARGUMENT',
      'tensor: a Uint16Array needs a dtype: float16 or bfloat16, whose bits it then holds, or that of its numbers',
    );
  return wanted === 'float16' || wanted === 'bfloat16' ? [values, wanted] : [Int32Array.from(values), 'int32'];
}

const describe = (value: unknown): string => (value as object | null)?.constructor?.name ?? String(value);
