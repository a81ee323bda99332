/**
 * A .npy file that holds a dict of arrays: numpy.save makes an array of one object of it and pickles that. Nothing of the
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
 * Reads what `numpy.save(path, {0: array, 7: array})` wrote, of any NumPy since Python 2: a dict from whole numbers to
 * arrays of numbers, which come out in C order; unsigned integers are widened as {@link readNpy} does.
 * @throws {FileFormatError} where the file is damaged or holds anything else.
 */
export function readNpyDict(path: string): Map<number, TensorData> {
  return withFile(path, file => {
    const { typeString, shape, dataStart } = readNpyHeader(file);
    if (typeString !== '|O' || shape.length > 0) {
      throw new FileFormatError(
        path,
        `holds an array of type ${quote(typeString)} and shape (${shape}), where one dict of arrays was expected`,
      );
    }
    const reader = new PickleReader(file, dataStart);
    const root = unpickle(reader, numpyDialect);
    if (reader.position !== file.size) throw new FileFormatError(path, 'goes on behind its pickle; refused');
    return arraysOf(file, dictIn(path, root));
  });
}

/** The one object of the outer array. */
function dictIn(path: string, root: PickleValue): Map<string | number, PickleValue> {
  const data = root instanceof NumpyArray ? root.state?.data : undefined;
  const only = Array.isArray(data) && data.length === 1 ? (data[0] as PickleValue) : undefined;
  if (only instanceof Map) return only;
  throw new FileFormatError(
    path,
    `holds a ${kindOf(only ?? root)} where a dict of arrays, one for each class, was expected`,
  );
}

function arraysOf(file: ByteSource, dict: ReadonlyMap<string | number, PickleValue>): Map<number, TensorData> {
  const tensors = new Map<number, TensorData>();
  const done = new Map<NumpyArray, TensorData>();
  // Each array's bytes stand in the file once, and widening doubles them at most.
  let budget = 2 * file.size;
  for (const [key, array] of dict) {
    if (typeof key !== 'number' || !Number.isSafeInteger(key)) {
      throw new FileFormatError(file.path, `has the dict key ${quote(String(key))}, where a whole number was expected`);
    }
    if (!(array instanceof NumpyArray)) {
      throw new FileFormatError(file.path, `has a ${kindOf(array)} under ${key}, where an array was expected`);
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
    throw new FileFormatError(path, `has an array of no numbers under ${key}`);
  }
  const { dtype, fortranOrder, shape } = state;
  // Bytes that two arrays share must not become one tensor's and the other's; those made of text are its own.
  return arrayToTensor(path, { typeString: dtype.typeString, fortranOrder, shape }, bytes.byteLength, () =>
    isText ? bytes : bytes.slice(),
  );
}
