/**
 * Writes the pickle of a .pth file, protocol 2, with the opcodes that PyTorch's weights-only reader knows since 1.13
 * (floats since 2.0). Depends on the values and the list of storage classes.
 */

import { bytesPerElement, type DType, type TensorData } from '../dtype.js';
import { TorchError } from '../errors.js';
import { storageDTypes } from './pickle-globals.js';
import { isTensorData, type PthValue } from './pth-value.js';
import { contiguousStrides } from './shape-and-strides.js';

const storageClass = new Map(Object.entries(storageDTypes).map(([name, dtype]): [DType, string] => [dtype, name]));
/** Deeper than any state dict; a value nested in itself gets here too. */
const maxDepth = 100;

/**
 * Pickles a value.
 * @param storageKey returns the name of the storage with a tensor's bytes; called once per tensor object.
 * @throws {TorchError} if the value contains itself, or something that is not a {@link PthValue}.
 */
export function pickleValue(value: PthValue, storageKey: (tensor: TensorData) => string): Uint8Array {
  const writer = new PickleWriter(storageKey);
  return writer.write(value);
}

class PickleWriter {
  readonly #storageKey: (tensor: TensorData) => string;
  /** Indices in the pickle's memo: a tensor object that occurs twice is one object in Python too. */
  readonly #memo = new Map<TensorData, number>();
  #bytes = new Uint8Array(4096);
  #length = 0;

  constructor(storageKey: (tensor: TensorData) => string) {
    this.#storageKey = storageKey;
  }

  write(value: PthValue): Uint8Array {
    this.#put(0x80, 2); // PROTO 2
    this.#value(value, 0);
    this.#put(0x2e); // STOP
    return this.#bytes.slice(0, this.#length);
  }

  #value(value: PthValue, depth: number): void {
    if (depth > maxDepth)
      throw new TorchError('INVALID_ARGUMENT', `cannot write a value nested more than ${maxDepth} deep`);
    if (value === null)
      this.#put(0x4e); // NONE
    else if (typeof value === 'boolean')
      this.#put(value ? 0x88 : 0x89); // NEWTRUE, NEWFALSE
    else if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'bigint') this.#integer(value);
    else if (typeof value === 'number') this.#number(value);
    else if (Array.isArray(value)) this.#list(value, depth);
    else if (value instanceof Map) this.#dict(value, depth);
    else if (isTensorData(value)) this.#tensor(value);
    else throw new TorchError('INVALID_ARGUMENT', `cannot write a ${typeof value} to a .pth file`);
  }

  #list(items: readonly PthValue[], depth: number): void {
    this.#put(0x5d, 0x28); // EMPTY_LIST MARK
    for (const item of items) this.#value(item, depth + 1);
    this.#put(0x65); // APPENDS
  }

  #dict(dict: ReadonlyMap<string | number, PthValue>, depth: number): void {
    this.#put(0x7d, 0x28); // EMPTY_DICT MARK
    for (const [key, item] of dict) {
      this.#value(key, depth + 1);
      this.#value(item, depth + 1);
    }
    this.#put(0x75); // SETITEMS
  }

  #tensor(tensor: TensorData): void {
    const known = this.#memo.get(tensor);
    if (known !== undefined) {
      this.#put(0x6a); // LONG_BINGET
      this.#u32(known);
      return;
    }
    this.#rebuiltTensor(tensor);
    this.#put(0x72); // LONG_BINPUT
    this.#u32(this.#memo.size);
    this.#memo.set(tensor, this.#memo.size);
  }

  /** `torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())` */
  #rebuiltTensor(tensor: TensorData): void {
    const { dtype, shape, bytes } = tensor;
    this.#global('torch._utils', '_rebuild_tensor_v2');
    this.#put(0x28, 0x28); // MARK MARK
    this.#text('storage');
    this.#global('torch', storageClass.get(dtype)!);
    this.#text(this.#storageKey(tensor));
    this.#text('cpu');
    this.#number(bytes.byteLength / bytesPerElement[dtype]);
    this.#put(0x74, 0x51); // TUPLE BINPERSID
    this.#number(0);
    this.#tuple(shape);
    this.#tuple(contiguousStrides(shape));
    this.#put(0x89); // NEWFALSE
    this.#global('collections', 'OrderedDict');
    this.#put(0x29, 0x52, 0x74, 0x52); // EMPTY_TUPLE REDUCE TUPLE REDUCE
  }

  #tuple(numbers: readonly number[]): void {
    this.#put(0x28); // MARK
    for (const number of numbers) this.#number(number);
    this.#put(0x74); // TUPLE
  }

  /** Whole numbers become Python ints, all others floats. */
  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value >= 0 && value < 0x100)
        this.#put(0x4b, value); // BININT1
      else if (value >= -0x80000000 && value < 0x80000000) {
        this.#put(0x4a); // BININT
        const at = this.#reserve(4);
        this.#view().setInt32(at, value, true);
      } else this.#integer(BigInt(value));
      return;
    }
    this.#put(0x47); // BINFLOAT
    const at = this.#reserve(8);
    this.#view().setFloat64(at, value, false);
  }

  #integer(value: bigint): void {
    let length = 1;
    while (BigInt.asIntN(length * 8, value) !== value) {
      if (++length > 255) throw new TorchError('INVALID_ARGUMENT', 'cannot write an integer of more than 255 bytes');
    }
    this.#put(0x8a, length); // LONG1
    for (let i = 0; i < length; i++) this.#put(Number((value >> BigInt(8 * i)) & 0xffn));
  }

  #text(text: string): void {
    const utf8 = new TextEncoder().encode(text);
    this.#put(0x58); // BINUNICODE
    this.#u32(utf8.byteLength);
    this.#append(utf8);
  }

  #global(module: string, name: string): void {
    this.#put(0x63); // GLOBAL
    const utf8 = new TextEncoder().encode(`${module}\n${name}\n`);
    this.#append(utf8);
  }

  #u32(value: number): void {
    const at = this.#reserve(4);
    this.#view().setUint32(at, value, true);
  }

  #put(...bytes: number[]): void {
    this.#append(bytes);
  }

  #append(bytes: ArrayLike<number>): void {
    // Two statements: reserving may replace the array.
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Reserves bytes. @returns their offset. `#bytes` may be a new array afterwards. */
  #reserve(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }

  #view(): DataView {
    return new DataView(this.#bytes.buffer);
  }
}
