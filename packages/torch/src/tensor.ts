/**
 * Tensor: a handle on a libtorch tensor, with its element type in the TypeScript type. Depends on the binding, its errors and
 * scope. Operators become methods in ops: generated.ts and convert.ts add them, so that nothing here depends on them.
 */
import { binding, type Handle } from './binding.js';
import { type DType, type TensorData, type TypedArrayOf, viewAs } from './dtype.js';
import { TorchError } from './errors.js';
import { debugging, noteDisposed, noteMade } from './native-errors.js';
import { track, untrack } from './scope.js';

/**
 * An n-dimensional array on a device. Handles are freed by `scope`, by `dispose()` or in the end by the garbage collector.
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
    if (debugging) noteMade(handle);
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

  /** Settable on leaves of floating type. */
  set requiresGrad(on: boolean) {
    binding.setRequiresGrad(this.handle, on);
  }

  /** The gradient accumulated by `backward`, or null. Setting null clears it. */
  get grad(): Tensor<D> | null {
    const handle = binding.getGrad(this.handle);
    return handle === null ? null : new Tensor<D>(handle);
  }

  /** Null clears it. */
  set grad(value: null) {
    if (value === null) binding.clearGrad(this.handle);
  }

  /**
   * Adds the gradients of this scalar to the `grad` of every leaf it depends on.
   * @param seed gradient of this tensor; needed where it has more than one element.
   * @param retainGraph keeps the graph for another backward pass.
   */
  backward(seed: Tensor | null = null, retainGraph = false): void {
    binding.backward([this.handle], seed === null ? null : [seed.handle], retainGraph);
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
   * @throws TorchError unless there is exactly one element.
   */
  item(): number {
    if (this.numel !== 1)
      throw new TorchError('INVALID_ARGUMENT', `item: the tensor has shape [${this.shape}], not one element`);
    const bytes = binding.toBytes(this.handle);
    if (this.dtype === 'bfloat16') return bfloat16ToNumber(viewAs('bfloat16', bytes)[0]!);
    if (this.dtype === 'float16')
      throw new TorchError('INVALID_ARGUMENT', "item: convert float16 with to('float32') first");
    return Number(viewAs(this.dtype, bytes)[0]);
  }

  /** Whether the handle was released. */
  get disposed(): boolean {
    return binding.isReleased(this.handle);
  }

  /** Releases the handle now. Idempotent. */
  dispose(): void {
    if (debugging) noteDisposed(this.handle);
    untrack(this);
    binding.release(this.handle);
  }

  /** {@link dispose}, for `using`. */
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

/** Live handles and the bytes of the storages they hold, each storage counted once. */
export function memoryStats(): { tensors: number; bytes: number } {
  return binding.memoryStats();
}
