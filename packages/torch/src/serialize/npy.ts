/**
 * NumPy's .npy files of numbers: one array after a short text header. Depends on the header's file, the shape arithmetic
 * and the atomic writer. Format: numpy/lib/format.py, versions 1 to 3.
 */

import { bytesPerElement, type DType, type TensorData } from '../dtype.js';
import { TorchError } from '../errors.js';
import { writeFileAtomic } from './atomic-write.js';
import { withFile } from './byte-source.js';
import { FileFormatError, quote } from './file-format-error.js';
import { magic, readNpyHeader } from './npy-header.js';

export { type NpyHeader, readNpyHeader } from './npy-header.js';

import { checkTensorData, elementCount, gatherContiguous } from './shape-and-strides.js';

const headerAlignment = 64;

/** NumPy's type strings by dtype. NumPy has no bfloat16. */
const typeStrings: ReadonlyMap<DType, string> = new Map<DType, string>([
  ['float32', '<f4'],
  ['float64', '<f8'],
  ['float16', '<f2'],
  ['int64', '<i8'],
  ['int32', '<i4'],
  ['int16', '<i2'],
  ['int8', '|i1'],
  ['uint8', '|u1'],
  ['bool', '|b1'],
]);
const dtypeOf = new Map([...typeStrings].map(([dtype, text]) => [text, dtype]));

/** How a file's elements become a tensor's; unsigned types that PyTorch lacks are widened. */
interface ElementType {
  /** A dtype as wide as the file's elements. */
  readonly stored: DType;
  readonly dtype: DType;
  /** @param bytes aligned for the file's elements. */
  readonly convert: (bytes: Uint8Array) => Uint8Array;
}

/**
 * Reads a .npy file. Arrays in Fortran order come out in C order; uint16 is widened to int32, uint32 to int64.
 * @throws {FileFormatError} if the header is malformed, the element type has no dtype (object arrays hold pickles and are
 * refused, as are complex, text and big-endian ones), or the data is shorter or longer than the header says.
 */
export function readNpy(path: string): TensorData {
  return withFile(path, file => {
    const { dataStart, ...array } = readNpyHeader(file);
    return arrayToTensor(path, array, file.size - dataStart, length => file.read(dataStart, length));
  });
}

/** An array as NumPy describes it. */
export interface NumpyLayout {
  /** `<f4`. */
  readonly typeString: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/**
 * The tensor of an array's bytes, in C order.
 * @param available how many bytes there are, which must be exactly what the array takes.
 * @param read returns them in a new array; called only once the size has been checked.
 * @throws {FileFormatError} naming `path`.
 */
export function arrayToTensor(
  path: string,
  { typeString, fortranOrder, shape }: NumpyLayout,
  available: number,
  read: (length: number) => Uint8Array,
): TensorData {
  const { stored, dtype, convert } = elementType(path, typeString);
  const count = elementCount(shape);
  const expected = count === undefined ? undefined : count * bytesPerElement[stored];
  if (expected === undefined || expected !== available) {
    throw new FileFormatError(
      path,
      `is damaged: ${typeString} of shape (${shape}) takes ${expected ?? 'too many'} bytes, but ` +
        `the file has ${available}`,
    );
  }
  const bytes = read(expected);
  if (!fortranOrder || shape.length < 2) return { dtype, shape, bytes: convert(bytes) };
  // Reordered before widening: there are fewer bytes to hold.
  return { dtype, shape, bytes: convert(gatherContiguous(stored, bytes, shape, fortranStrides(shape))) };
}

/**
 * Writes a .npy file (version 1, C order), atomically.
 * @throws {TorchError} for bfloat16, which NumPy does not have, and if the bytes do not match the shape.
 */
export function writeNpy(path: string, tensor: TensorData): void {
  checkTensorData(`for ${path}`, tensor);
  const typeString = typeStrings.get(tensor.dtype);
  if (typeString === undefined)
    throw new TorchError('INVALID_ARGUMENT', `${path}: NumPy has no ${tensor.dtype}; convert to float32 first`);
  writeFileAtomic(path, [npyHeader(typeString, tensor.shape), tensor.bytes]);
}

/**
 * The header of a .npy file (version 1, C order), after which the elements follow.
 *
 * @param typeString NumPy's name of the elements: `<f4`, `<u2`, `|u1`.
 */
export function npyHeader(typeString: string, shape: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${typeString}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = magic.length + 4;
  const total = Math.ceil((start + text.length + 1) / headerAlignment) * headerAlignment;
  const header = Buffer.alloc(total, ' ');
  header.write(magic, 'latin1');
  header.set([1, 0], magic.length);
  header.writeUInt16LE(total - start, magic.length + 2);
  header.write(`${text}${' '.repeat(total - start - text.length - 1)}\n`, start, 'latin1');
  return header;
}

function elementType(path: string, typeString: string): ElementType {
  const dtype = dtypeOf.get(typeString.replace(/^<(?=[biu]1$)/, '|'));
  if (dtype !== undefined) return { stored: dtype, dtype, convert: bytes => bytes };
  if (typeString === '<u2') return { stored: 'int16', dtype: 'int32', convert: widenUint16 };
  if (typeString === '<u4') return { stored: 'int32', dtype: 'int64', convert: widenUint32 };
  const why = typeString.includes('O')
    ? 'objects, which are stored as pickles; of those, readNpyDict reads a dict of arrays'
    : typeString.startsWith('>')
      ? 'big-endian numbers'
      : 'which no tensor can hold';
  throw new FileFormatError(
    path,
    `has the element type ${quote(typeString)} (${why}); convert it with NumPy's astype first`,
  );
}

function widenUint16(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(new Int32Array(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)).buffer);
}

function widenUint32(bytes: Uint8Array): Uint8Array {
  const narrow = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const wide = new Uint32Array(narrow.length * 2); // low half, high half
  for (let i = 0; i < narrow.length; i++) wide[2 * i] = narrow[i]!;
  return new Uint8Array(wide.buffer);
}

function fortranStrides(shape: readonly number[]): number[] {
  let step = 1;
  return shape.map(size => {
    const stride = step;
    step *= size;
    return stride;
  });
}
