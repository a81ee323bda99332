/**
 * The closed list of Python names that the pickle of a .pth file may mention, and what each does here. Any other name is an
 * error; nothing is ever imported or looked up elsewhere. Depends on the shape arithmetic.
 */

import type { DType } from '../dtype.js';
import {
  ParameterRef,
  type PickleDialect,
  PickleFunction,
  type PickleValue,
  StorageRef,
  StorageType,
  TensorRef,
} from './pickle-values.js';
import { elementCount, elementSpan } from './shape-and-strides.js';

/** The storage classes of the module `torch`, and their element types. */
export const storageDTypes: Readonly<Record<string, DType>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

const globals = new Map<string, PickleFunction | StorageType>();

/** Module and name are joined by a space, which neither can contain: `torch._utils` `x` is not `torch` `_utils.x`. */
function allow(module: string, name: string, call: (args: readonly PickleValue[]) => PickleValue | undefined): void {
  globals.set(`${module} ${name}`, new PickleFunction(`${module}.${name}`, call));
}

for (const [name, dtype] of Object.entries(storageDTypes)) globals.set(`torch ${name}`, new StorageType(dtype));
// A storage without an element type holds bytes. PyTorch 1.12 spelled it with an underscore.
globals.set('torch.storage UntypedStorage', new StorageType('uint8'));
globals.set('torch.storage _UntypedStorage', new StorageType('uint8'));

allow('collections', 'OrderedDict', args => (args.length > 1 ? undefined : orderedDict(args[0] ?? [])));
allow('torch', 'Size', ([sizes]) => (Array.isArray(sizes) ? sizes : undefined));
allow('torch', 'device', ([type, index]) => {
  if (typeof type !== 'string') return undefined;
  return index === undefined || index === null ? type : `${type}:${String(index)}`;
});
allow('torch._utils', '_rebuild_tensor', args => rebuildTensor(args));
allow('torch._utils', '_rebuild_tensor_v2', args => {
  // A seventh argument carries pending conjugation or negation, which would change the values.
  const metadata = args[6];
  const plain = metadata === undefined || metadata === null || (metadata instanceof Map && metadata.size === 0);
  return plain ? rebuildTensor(args) : undefined;
});
allow('torch._utils', '_rebuild_parameter', ([tensor]) => (tensor instanceof TensorRef ? tensor : undefined));
allow('torch.nn.parameter', 'Parameter', ([tensor]) => {
  if (tensor === undefined) return new ParameterRef(null);
  return tensor instanceof TensorRef ? new ParameterRef(tensor) : undefined;
});

/** What torch.save writes for a state dict. */
export const torchDialect: PickleDialect = {
  findGlobal: (module, name) => globals.get(`${module} ${name}`),
  findPersistent: parseStorageId,
  bytes: false,
  advice: 'Save plain tensors instead: torch.save(model.state_dict(), path)',
};

/** Python 3 creates it empty and fills it afterwards; Python 2 passes the items as a list of pairs. */
function orderedDict(items: PickleValue): PickleValue | undefined {
  if (!Array.isArray(items)) return undefined;
  const dict = new Map<string | number, PickleValue>();
  for (const item of items) {
    if (!Array.isArray(item) || item.length !== 2) return undefined;
    const [key, value] = item as [PickleValue, PickleValue];
    if (typeof key !== 'string' && typeof key !== 'number') return undefined;
    dict.set(key, value);
  }
  return dict;
}

/** Arguments: storage, offset, shape, strides; the rest (requires_grad, hooks) does not affect the values. */
function rebuildTensor(args: readonly PickleValue[]): TensorRef | undefined {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof StorageRef) || !isCount(offset)) return undefined;
  if (!Array.isArray(shape) || !Array.isArray(strides) || shape.length !== strides.length) return undefined;
  if (elementCount(shape) === undefined || !strides.every(isCount)) return undefined;
  const span = elementSpan(shape as number[], strides as number[]);
  if (!Number.isSafeInteger(span) || (span > 0 && offset + span > storage.length)) return undefined;
  return new TensorRef(storage, offset, shape as number[], strides as number[]);
}

/**
 * Reads the persistent id of a storage: `('storage', class, key, location, count)`; the legacy format adds a view
 * `(key, offset, count)` or None.
 * @returns undefined if it is not one.
 */
function parseStorageId(id: PickleValue): StorageRef | undefined {
  if (!Array.isArray(id) || id.length < 5 || id.length > 6) return undefined;
  const [kind, type, key, , count, view] = id;
  if (kind !== 'storage' || !(type instanceof StorageType) || !isCount(count)) return undefined;
  if (typeof key !== 'string' && typeof key !== 'number') return undefined;
  if (view === undefined || view === null) return new StorageRef(type.dtype, String(key), count);
  if (!Array.isArray(view)) return undefined;
  const [, offset, length] = view;
  if (!isCount(offset) || !isCount(length) || offset + length > count) return undefined;
  return new StorageRef(type.dtype, String(key), count, offset, length);
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
