/**
 * The element types of tensors and how JavaScript holds them. Depends on nothing.
 */

/** PyTorch's element types that this package supports, by PyTorch's names. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool';

/**
 * The typed array that holds a tensor's elements in JavaScript. `float16` and `bfloat16` come as their raw 16 bits
 * (Node 20 has no `Float16Array`); `bool` as bytes 0 and 1.
 */
export interface TypedArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int16: Int16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** Any of the typed arrays a tensor can be made from. */
export type TypedArray = TypedArrayOf[DType];

/** Bytes of one element. */
export const bytesPerElement: Record<DType, number> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** A tensor outside libtorch, as files hold it: little-endian bytes in C (row-major) order. */
export interface TensorData<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  /** `product(shape) * bytesPerElement[dtype]` bytes. */
  readonly bytes: Uint8Array;
}

const constructors: { [D in DType]: new (buffer: ArrayBuffer, byteOffset: number, length: number) => TypedArrayOf[D] } =
  {
    float32: Float32Array,
    float64: Float64Array,
    float16: Uint16Array,
    bfloat16: Uint16Array,
    int64: BigInt64Array,
    int32: Int32Array,
    int16: Int16Array,
    int8: Int8Array,
    uint8: Uint8Array,
    bool: Uint8Array,
  };

/**
 * Looks at bytes as the typed array of `dtype`; copies only where the bytes are not aligned for it.
 * @param bytes little-endian elements; the length must be a multiple of the element size.
 */
export function viewAs<D extends DType>(dtype: D, bytes: Uint8Array): TypedArrayOf[D] {
  const size = bytesPerElement[dtype];
  // Not slice(): that of a Buffer is a view.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new constructors[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, bytes.byteLength / size);
}
