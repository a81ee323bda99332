/**
 * Tensor: a handle on a libtorch tensor, with its element type in the TypeScript type. Depends on the binding,
 * scope and elements.
 */
import { binding, type Handle } from './binding.js';
import { type DType, type TensorData, type TypedArray, type TypedArrayOf, viewAs } from './dtype.js';
import { type DTypeOfArray, elementsOf } from './elements.js';
import { track, untrack } from './scope.js';

/**
 * An n-dimensional array on a device. Handles are freed by `scope`, `dispose()` or, at last, the garbage collector.
 * Releasing a handle never takes memory from autograd or from other views of the same storage.
 */
export class Tensor<D extends DType = DType> {
  /** @internal the native value. */
  readonly handle: Handle;
  #description: [readonly number[], string, string] | undefined;
  /** Only in the type: lets `Tensor<'int64'>` differ from `Tensor<'float32'>`. */
  declare readonly elementType: D;

  /** @internal use {@link tensor}, {@link fromData} or an operator. */
  constructor(handle: Handle) {
    this.handle = handle;
    track(this);
  }

  get #described(): [readonly number[], string, string] {
    this.#description ??= binding.describe(this.handle);
    return this.#description;
  }

  /** Sizes of the axes; empty for a scalar. */
  get shape(): readonly number[] {
    return this.#described[0];
  }

  /** PyTorch's name of the element type. */
  get dtype(): D {
    return this.#described[1] as D;
  }

  /** `cpu`, `cuda:0`, … */
  get device(): string {
    return this.#described[2];
  }

  /** Number of elements. */
  get numel(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  /** Elements to step in memory for each axis. */
  get strides(): readonly number[] {
    return binding.strides(this.handle);
  }

  /** Whether autograd computes a gradient for this tensor. Settable on leaves of floating type. */
  get requiresGrad(): boolean {
    return binding.getRequiresGrad(this.handle);
  }

  set requiresGrad(on: boolean) {
    binding.setRequiresGrad(this.handle, on);
  }

  /** The gradient accumulated by `backward`, or null. Setting null clears it. */
  get grad(): Tensor<D> | null {
    const handle = binding.getGrad(this.handle);
    return handle === null ? null : new Tensor<D>(handle);
  }

  set grad(value: null) {
    if (value === null) binding.clearGrad(this.handle);
  }

  /** A copy of the elements in row-major order. */
  data(): TypedArrayOf[D] {
    return viewAs(this.dtype, binding.toBytes(this.handle));
  }

  /** A copy of everything, for files. */
  toData(): TensorData<D> {
    return { dtype: this.dtype, shape: [...this.shape], bytes: binding.toBytes(this.handle) };
  }

  /**
   * The only element as a number. Waits for the device.
   * @throws RangeError unless there is exactly one element.
   */
  item(): number {
    if (this.numel !== 1) throw new RangeError(`item: the tensor has shape [${this.shape}], not one element`);
    const bytes = binding.toBytes(this.handle);
    if (this.dtype === 'bfloat16') return bfloat16ToNumber(viewAs('bfloat16', bytes)[0]!);
    if (this.dtype === 'float16') throw new TypeError('item: convert float16 with ops.toDtype first');
    return Number(viewAs(this.dtype, bytes)[0]);
  }

  /** Whether the handle was released. */
  get disposed(): boolean {
    return binding.isReleased(this.handle);
  }

  /** Releases the handle now. Idempotent. */
  dispose(): void {
    untrack(this);
    binding.release(this.handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Shape and type, without the elements. */
  toString(): string {
    return this.disposed ? 'Tensor(disposed)' : `Tensor(${this.dtype}, [${this.shape.join(', ')}], ${this.device})`;
  }
}

function bfloat16ToNumber(bits: number): number {
  return new Float32Array(new Uint32Array([bits << 16]).buffer)[0]!;
}

/**
 * Makes a tensor on the CPU from a copy of `values`.
 * @param values elements in row-major order: a typed array, or numbers (float32 unless `dtype` says otherwise).
 * @param shape sizes of the axes; one axis of all values when left out.
 * @param dtype the elements are converted to it as PyTorch does: fractions are cut off on the way to integers. Only the
 * numbers of a `Uint16Array` are taken as bits where it is float16 or bfloat16.
 * @param pinned in memory that a CUDA device copies from while the CPU goes on; needs such a device.
 * @throws Error when the number of values does not fit the shape.
 * @throws RangeError when a plain number is beyond an integer type.
 */
export function tensor<V extends TypedArray | readonly number[]>(
  values: V,
  shape?: readonly number[],
): Tensor<DTypeOfArray<V>>;
export function tensor<D extends DType>(
  values: TypedArray | readonly number[],
  shape: readonly number[],
  dtype: D,
  pinned?: boolean,
): Tensor<D>;
export function tensor(
  values: TypedArray | readonly number[],
  shape: readonly number[] = [values.length],
  dtype?: DType,
  pinned = false,
): Tensor {
  const [array, from] = elementsOf(values, dtype);
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return new Tensor(binding.fromBytes(bytes, shape, from, pinned, dtype ?? from));
}

/** Makes a tensor on the CPU from a file's record. */
export function fromData<D extends DType>(data: TensorData<D>): Tensor<D> {
  return new Tensor<D>(binding.fromBytes(data.bytes, data.shape, data.dtype));
}

/** Live handles and the bytes of the storages they hold, each storage counted once. */
export function memoryStats(): { tensors: number; bytes: number } {
  return binding.memoryStats();
}
