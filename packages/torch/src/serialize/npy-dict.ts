/**
 * A .npy file that holds a dict of arrays: numpy.save wraps the dict in an object array and pickles that. Nothing in the
 * pickle is executed. Depends on the header, the unpickler with NumPy's list of names, and the arrays' conversion.
 */

import type { TensorData } from '../dtype.js';
import { type ByteSource, withFile } from './byte-source.js';
import { FileFormatError, quote } from './file-format-error.js';
import { arrayToTensor } from './npy.js';
import { readNpyHeader } from './npy-header.js';
import { latin1Bytes, NumpyArray, numpyDialect } from './numpy-globals.js';
import { unpickle } from './pickle.js';
import { PickleReader } from './pickle-reader.js';
import { kindOf, type PickleValue } from './pickle-values.js';

/**
 * Reads what `numpy.save(path, {0: array, 7: array})` wrote, with any NumPy since Python 2: a dict from integers to arrays
 * of numbers, which come out in C order; unsigned integers are widened as {@link readNpy} does.
 * @throws {FileFormatError} if the file is damaged or holds anything else.
 */
export function readNpyDict(path: string): Map<number, TensorData> {
  return withFile(path, file => {
    const { typeString, shape, dataStart } = readNpyHeader(file);
    if (typeString !== '|O' || shape.length > 0) {
      throw new FileFormatError(
        path,
        `holds an array of type ${quote(typeString)} and shape (${shape}); expected one dict of arrays`,
      );
    }
    const reader = new PickleReader(file, dataStart);
    const root = unpickle(reader, numpyDialect);
    if (reader.position !== file.size) throw new FileFormatError(path, 'has bytes after its pickle; refused');
    return arraysOf(file, dictIn(path, root));
  });
}

/** The single object in the outer array. */
function dictIn(path: string, root: PickleValue): Map<string | number, PickleValue> {
  const data = root instanceof NumpyArray ? root.state?.data : undefined;
  const only = Array.isArray(data) && data.length === 1 ? (data[0] as PickleValue) : undefined;
  if (only instanceof Map) return only;
  throw new FileFormatError(path, `holds a ${kindOf(only ?? root)}; expected a dict of arrays, one per class`);
}

function arraysOf(file: ByteSource, dict: ReadonlyMap<string | number, PickleValue>): Map<number, TensorData> {
  const tensors = new Map<number, TensorData>();
  const done = new Map<NumpyArray, TensorData>();
  // Each array's bytes are in the file once, and widening at most doubles them.
  let budget = 2 * file.size;
  for (const [key, array] of dict) {
    if (typeof key !== 'number' || !Number.isSafeInteger(key)) {
      throw new FileFormatError(file.path, `has the dict key ${quote(String(key))}; expected an integer`);
    }
    if (!(array instanceof NumpyArray)) {
      throw new FileFormatError(file.path, `has a ${kindOf(array)} under the key ${key}; expected an array`);
    }
    const tensor = done.get(array) ?? tensorOf(file.path, key, array);
    if (!done.has(array)) budget -= tensor.bytes.byteLength;
    if (budget < 0) throw new FileFormatError(file.path, 'has arrays that take more memory than the file; refused');
    done.set(array, tensor);
    tensors.set(key, tensor);
  }
  return tensors;
}

function tensorOf(path: string, key: number, { state }: NumpyArray): TensorData {
  const isText = typeof state?.data === 'string';
  const bytes = isText ? latin1Bytes(state.data) : state?.data;
  if (state === undefined || !(bytes instanceof Uint8Array)) {
    throw new FileFormatError(path, `has an array under the key ${key} that does not hold numbers`);
  }
  const { dtype, fortranOrder, shape } = state;
  // Bytes may be shared by two arrays, but not by two tensors, hence the copy; bytes made from text are new already.
  return arrayToTensor(path, { typeString: dtype.typeString, fortranOrder, shape }, bytes.byteLength, () =>
    isText ? bytes : bytes.slice(),
  );
}
