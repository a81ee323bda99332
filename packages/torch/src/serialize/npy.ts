/**
 * NumPy's .npy files: one array with a short text header. Depends on the byte source, the shape arithmetic and the
 * atomic writer. Format: numpy/lib/format.py, versions 1 to 3.
 */

import { bytesPerElement, type DType, type TensorData } from '../dtype.js';
import { writeFileAtomic } from './atomic-write.js';
import { type ByteSource, withFile } from './byte-source.js';
import { FileFormatError, quote } from './file-format-error.js';
import { checkTensorData, elementCount, gatherContiguous } from './tensor-layout.js';

const magic = '\x93NUMPY';
/** NumPy itself stops at 10 000 characters; a longer header is no header. */
const maxHeaderBytes = 65_536;
const headerAlignment = 64;

/** NumPy's type strings by ours. NumPy has no bfloat16. */
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

/** How a file's elements become a tensor's; unsigned ones that PyTorch lacks are widened. */
interface ElementType {
  readonly fileBytes: number;
  readonly dtype: DType;
  readonly convert: (bytes: Uint8Array) => Uint8Array;
}

/**
 * Reads a .npy file. Arrays in Fortran order come out in C order; uint16 is widened to int32, uint32 to int64.
 * @throws {FileFormatError} where the header is malformed, the element type has no tensor type (object arrays hold
 * pickles, and are refused like complex, text and big-endian ones), or the data is shorter or longer than announced.
 */
export function readNpy(path: string): TensorData {
  return withFile(path, file => {
    const { header, dataStart } = readHeader(file);
    const { typeString, fortranOrder, shape } = parseHeader(path, header);
    const type = elementType(path, typeString);
    const count = elementCount(shape);
    const expected = count === undefined ? undefined : count * type.fileBytes;
    if (expected === undefined || expected !== file.size - dataStart) {
      throw new FileFormatError(
        path,
        `is damaged: ${typeString} of shape (${shape}) takes ${expected ?? 'too many'} bytes, but ` +
          `${file.size - dataStart} follow the header`,
      );
    }
    const bytes = type.convert(file.read(dataStart, expected));
    const { dtype } = type;
    if (!fortranOrder || shape.length < 2) return { dtype, shape, bytes };
    return { dtype, shape, bytes: gatherContiguous(dtype, bytes, shape, fortranStrides(shape)) };
  });
}

/**
 * Writes a .npy file (version 1, C order), atomically.
 * @throws {RangeError} for bfloat16, which NumPy does not know, and where the bytes do not match the shape.
 */
export function writeNpy(path: string, tensor: TensorData): void {
  checkTensorData(`for ${path}`, tensor);
  const typeString = typeStrings.get(tensor.dtype);
  if (typeString === undefined) throw new RangeError(`${path}: NumPy has no ${tensor.dtype}; convert to float32 first`);
  const { shape } = tensor;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${typeString}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = magic.length + 4;
  const total = Math.ceil((start + text.length + 1) / headerAlignment) * headerAlignment;
  const header = Buffer.alloc(total, ' ');
  header.write(magic, 'latin1');
  header.set([1, 0], magic.length);
  header.writeUInt16LE(total - start, magic.length + 2);
  header.write(`${text}${' '.repeat(total - start - text.length - 1)}\n`, start, 'latin1');
  writeFileAtomic(path, [header, tensor.bytes]);
}

function readHeader(file: ByteSource): { header: string; dataStart: number } {
  const start = Buffer.from(file.read(0, Math.min(12, file.size)));
  const major = start[magic.length] ?? 0;
  if (start.toString('latin1', 0, magic.length) !== magic || start.length < 12) {
    throw new FileFormatError(file.path, "is no .npy file: it does not begin with NumPy's magic bytes");
  }
  if (major < 1 || major > 3) throw new FileFormatError(file.path, `has .npy version ${major}, expected 1 to 3`);
  const lengthBytes = major === 1 ? 2 : 4;
  const length = start.readUIntLE(magic.length + 2, lengthBytes);
  const headerStart = magic.length + 2 + lengthBytes;
  if (length > maxHeaderBytes || headerStart + length > file.size) {
    const limit = Math.min(maxHeaderBytes, file.size - headerStart);
    throw new FileFormatError(
      file.path,
      `is damaged: it announces a header of ${length} bytes, expected up to ${limit}`,
    );
  }
  const header = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(file.read(headerStart, length));
  return { header, dataStart: headerStart + length };
}

interface Header {
  readonly typeString: string;
  readonly fortranOrder: boolean;
  readonly shape: number[];
}

/** The header is a Python dict of exactly three entries, in any order. */
function parseHeader(path: string, header: string): Header {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || sizes === undefined) {
    const hint = /'descr'\s*:\s*\[/.test(header) ? ' of a structured array, which no tensor can hold' : '';
    throw new FileFormatError(
      path,
      `has a .npy header${hint || ' without descr, fortran_order and shape'}: ${quote(header.trim())}`,
    );
  }
  const shape = sizes.split(',').map(size => size.trim().replace(/L$/, '')); // Python 2 wrote 3L
  if (shape.at(-1) === '') shape.pop();
  if (shape.some(size => !/^\d+$/.test(size))) {
    throw new FileFormatError(path, `has a .npy header with the shape ${quote(`(${sizes})`)}`);
  }
  return { typeString: descr, fortranOrder: order === 'True', shape: shape.map(Number) };
}

function elementType(path: string, typeString: string): ElementType {
  const dtype = dtypeOf.get(typeString.replace(/^<(?=[biu]1$)/, '|'));
  if (dtype !== undefined) return { fileBytes: bytesPerElement[dtype], dtype, convert: bytes => bytes };
  if (typeString === '<u2') return { fileBytes: 2, dtype: 'int32', convert: widenUint16 };
  if (typeString === '<u4') return { fileBytes: 4, dtype: 'int64', convert: widenUint32 };
  const why = typeString.includes('O')
    ? 'objects, which are stored as pickles'
    : typeString.startsWith('>')
      ? 'big-endian numbers'
      : 'which no tensor can hold';
  throw new FileFormatError(
    path,
    `has the element type ${quote(typeString)} (${why}); convert it with NumPy's astype first`,
  );
}

function widenUint16(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Int32Array.from(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)).buffer);
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
