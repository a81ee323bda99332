/**
 * The values that a state dict's pickle can evaluate to, before its tensors' bytes are read. Depends on the element types only.
 */

import type { DType } from '../dtype.js';

/** Any value on the unpickler's stack. Python's tuples and lists are both arrays, dicts and OrderedDicts both maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<string | number, PickleValue>
  | StorageType
  | StorageRef
  | TensorRef
  | PickleFunction
  | PickleObject;

/** What the pickle of one kind of file may hold, beyond the values that any pickle may. */
export interface PickleDialect {
  /** The closed list of globals. @returns undefined for every name not in it. */
  readonly findGlobal: (module: string, name: string) => PickleFunction | StorageType | undefined;
  /** Resolves a persistent id. @returns undefined if it is not valid. */
  readonly findPersistent: (id: PickleValue) => PickleValue | undefined;
  /** Whether bytes are allowed; a Python 2 str is then read as bytes, one character each, else as UTF-8. */
  readonly bytes: boolean;
  /** How the file should have been written, for error messages. */
  readonly advice: string;
}

/** A storage class, such as `torch.FloatStorage`. */
export class StorageType {
  readonly dtype: DType;

  constructor(dtype: DType) {
    this.dtype = dtype;
  }
}

/** A storage, or a part of one, whose bytes are elsewhere in the file. Counts are in elements. */
export class StorageRef {
  readonly dtype: DType;
  readonly key: string;
  /** Start of the part in the storage. */
  readonly offset: number;
  readonly length: number;
  /** The length of the whole storage. */
  readonly storageLength: number;

  constructor(dtype: DType, key: string, storageLength: number, offset = 0, length = storageLength) {
    this.dtype = dtype;
    this.key = key;
    this.storageLength = storageLength;
    this.offset = offset;
    this.length = length;
  }
}

/** A tensor: a strided view of a storage, checked to lie inside it. */
export class TensorRef {
  readonly storage: StorageRef;
  /** The first element, from the start of the {@link StorageRef}. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];

  constructor(storage: StorageRef, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** One of the few functions a pickle may call; ours, not Python's. */
export class PickleFunction {
  readonly name: string;
  /** @returns undefined if the arguments are not what torch.save writes. */
  readonly call: (args: readonly PickleValue[]) => PickleValue | undefined;

  constructor(name: string, call: (args: readonly PickleValue[]) => PickleValue | undefined) {
    this.name = name;
    this.call = call;
  }
}

/** An object that a pickle creates empty and whose state it sets afterwards. */
export abstract class PickleObject {
  /** The Python type, for messages. */
  abstract readonly kind: string;
  /** @returns false if the state is not what Python writes. */
  abstract setState(state: PickleValue): boolean;
}

/**
 * A parameter as PyTorch before 0.4 saved it: created empty, its tensor set afterwards. The weights that torchvision
 * published in 2017, VGG among them, may hold these.
 */
export class ParameterRef extends PickleObject {
  override readonly kind = 'parameter';
  tensor: TensorRef | null;

  constructor(tensor: TensorRef | null) {
    super();
    this.tensor = tensor;
  }

  /** State: tensor, gradient, hooks and two flags, or the last three alone. */
  override setState(state: PickleValue): boolean {
    if (!Array.isArray(state) || (state.length !== 5 && state.length !== 3)) return false;
    const [tensor] = state;
    if (state.length === 5 && tensor instanceof TensorRef) this.tensor = tensor;
    return this.tensor !== null;
  }
}

/** Names a value's Python type in messages. */
export function kindOf(value: PickleValue): string {
  if (value === null) return 'None';
  if (Array.isArray(value)) return 'list or tuple';
  if (value instanceof Map) return 'dict';
  if (value instanceof TensorRef) return 'tensor';
  if (value instanceof StorageRef) return 'storage';
  if (value instanceof StorageType) return 'storage class';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof PickleObject) return value.kind;
  if (value instanceof PickleFunction) return `function ${value.name}`;
  return { boolean: 'bool', number: 'number', bigint: 'int', string: 'str' }[
    typeof value as 'boolean' | 'number' | 'bigint' | 'string'
  ];
}
