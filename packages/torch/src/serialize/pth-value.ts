/**
 * The values of a .pth file as the user gets them, and how they are made from an unpickled tree: the tensors' bytes are
 * read and laid out in C order. Depends on the unpickled values and the shape arithmetic.
 */

import { bytesPerElement, type TensorData } from '../dtype.js';
import { FileFormatError } from './file-format-error.js';
import { kindOf, ParameterRef, type PickleValue, type StorageRef, TensorRef } from './pickle-values.js';
import { elementCount, elementSpan, gatherContiguous, isContiguous } from './shape-and-strides.js';

/**
 * What a .pth file holds. Python's dict and OrderedDict are `Map`s, list and tuple arrays, None is null, float and int
 * numbers; an int beyond 2^53 is a bigint.
 */
export type PthValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | TensorData
  | PthValue[]
  | Map<string | number, PthValue>;

/** Whether a value is a tensor. */
export function isTensorData(value: PthValue): value is TensorData {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}

/** Where the storages of a .pth file are. */
export interface StorageBank {
  /** Bytes of all storages together. */
  readonly totalBytes: number;
  /** A new array with a part of a storage. @throws {FileFormatError} if the file has no such bytes. */
  read(storage: StorageRef, byteOffset: number, byteLength: number): Uint8Array;
}

/** Deeper than any state dict; a value nested in itself gets here too. */
const maxDepth = 100;
/** Memory that expanded views (stride 0) may take beyond the file's own bytes. */
const freeBytes = 32 * 2 ** 20;
/** How often overlapping views may repeat the file's bytes. */
const maxSharing = 2;

/**
 * Turns an unpickled tree into the user's values. Tensors that are the same view of a storage (tied weights) are one
 * object in the result; otherwise every tensor has its own bytes.
 * @throws {FileFormatError} if the tree holds a class or a bare storage, is nested in itself, or its tensors claim far more
 * memory than the file has bytes.
 */
export function resolveTensors(path: string, root: PickleValue, storages: StorageBank): PthValue {
  return new Resolver(path, storages).resolve(root, 0);
}

class Resolver {
  readonly #path: string;
  readonly #storages: StorageBank;
  /** The results for the lists, dicts and tensors of the tree, each of which may occur many times. */
  readonly #done = new Map<PickleValue, PthValue>();
  /** Tensors by the view that they are. */
  readonly #views = new Map<string, TensorData>();
  #budget: number;

  constructor(path: string, storages: StorageBank) {
    this.#path = path;
    this.#storages = storages;
    this.#budget = maxSharing * storages.totalBytes + freeBytes;
  }

  resolve(value: PickleValue, depth: number): PthValue {
    if (value === null || typeof value !== 'object') return value;
    if (depth > maxDepth) throw new FileFormatError(this.#path, `holds a value nested more than ${maxDepth} deep`);
    const known = this.#done.get(value);
    if (known !== undefined) return known;
    const resolved = this.#resolveNew(value, depth);
    this.#done.set(value, resolved);
    return resolved;
  }

  #resolveNew(value: PickleValue & object, depth: number): PthValue {
    if (value instanceof TensorRef) return this.#tensor(value);
    if (value instanceof ParameterRef && value.tensor !== null) return this.resolve(value.tensor, depth + 1);
    if (Array.isArray(value)) return value.map(item => this.resolve(item, depth + 1));
    if (value instanceof Map) {
      return new Map([...value].map(([key, item]) => [key, this.resolve(item, depth + 1)] as const));
    }
    throw new FileFormatError(this.#path, `holds a ${kindOf(value)}; expected a plain value or a tensor`);
  }

  #tensor(ref: TensorRef): TensorData {
    const { storage, offset, shape, strides } = ref;
    const view = JSON.stringify([storage.key, storage.dtype, storage.offset + offset, shape, strides]);
    const tensor = this.#views.get(view) ?? this.#readTensor(ref);
    this.#views.set(view, tensor);
    return tensor;
  }

  #readTensor({ storage, offset, shape, strides }: TensorRef): TensorData {
    const { dtype } = storage;
    const size = bytesPerElement[dtype];
    const span = elementSpan(shape, strides);
    const contiguous = isContiguous(shape, strides);
    const cost = (elementCount(shape)! + (contiguous ? 0 : span)) * size;
    this.#budget -= cost;
    if (this.#budget < 0) {
      throw new FileFormatError(
        this.#path,
        `has tensors that take far more memory than the file has bytes (one has the shape [${shape}]); refused`,
      );
    }
    const bytes = this.#storages.read(storage, (storage.offset + offset) * size, span * size);
    return { dtype, shape, bytes: contiguous ? bytes : gatherContiguous(dtype, bytes, shape, strides) };
  }
}
