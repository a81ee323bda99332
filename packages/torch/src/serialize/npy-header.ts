/**
 * The header of NumPy's .npy files: magic bytes, version, and a Python dict as text, accepted only in the exact form that
 * NumPy writes. Depends on the byte source. Format: numpy/lib/format.py, versions 1 to 3.
 */

import type { ByteSource } from './byte-source.js';
import { FileFormatError, quote } from './file-format-error.js';

/** The first bytes of every .npy file. */
export const magic = '\x93NUMPY';
/** NumPy itself stops at 10,000 characters; anything much longer is not a header. */
const maxHeaderBytes = 65_536;

/** The contents of a header, and where it ends. */
export interface NpyHeader {
  /** NumPy's type string: `<f4`, or `|O` for objects. */
  readonly typeString: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Offset of the array's bytes. */
  readonly dataStart: number;
}

/**
 * Reads the header.
 * @throws {FileFormatError} if it is cut short, or has anything but the three entries that NumPy writes.
 */
export function readNpyHeader(file: ByteSource): NpyHeader {
  const start = Buffer.from(file.read(0, Math.min(12, file.size)));
  const major = start[magic.length] ?? 0;
  if (start.toString('latin1', 0, magic.length) !== magic || start.length < 12) {
    throw new FileFormatError(file.path, "is not a .npy file: it does not start with NumPy's magic bytes");
  }
  if (major < 1 || major > 3) throw new FileFormatError(file.path, `has .npy version ${major}, expected 1 to 3`);
  const lengthBytes = major === 1 ? 2 : 4;
  const length = start.readUIntLE(magic.length + 2, lengthBytes);
  const headerStart = magic.length + 2 + lengthBytes;
  if (length > maxHeaderBytes || headerStart + length > file.size) {
    const limit = Math.min(maxHeaderBytes, file.size - headerStart);
    throw new FileFormatError(file.path, `is damaged: its header claims ${length} bytes, expected up to ${limit}`);
  }
  const header = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(file.read(headerStart, length));
  return { ...parseHeader(file.path, header), dataStart: headerStart + length };
}

/** An entry and its comma, or the brace that ends the dict. */
const entryPattern = /^\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d\s,L]*\))\s*(?:,|(?=\}))/;

/** The header is a Python dict of exactly three entries, in any order, and nothing after it. */
function parseHeader(path: string, header: string): Omit<NpyHeader, 'dataStart'> {
  const fields = dictFields(header.trim());
  const descr = /^'(.*)'$/.exec(fields?.get('descr') ?? '')?.[1];
  const order = /^(True|False)$/.exec(fields?.get('fortran_order') ?? '')?.[1];
  const sizes = /^\((.*)\)$/s.exec(fields?.get('shape') ?? '')?.[1];
  if (fields?.size !== 3 || descr === undefined || order === undefined || sizes === undefined) {
    const hint = /^\{\s*'descr'\s*:\s*\[/.test(header) ? ' of a structured array, which no tensor can represent' : '';
    throw new FileFormatError(
      path,
      `has a .npy header${hint || ' that is not exactly descr, fortran_order and shape'}: ${quote(header.trim())}`,
    );
  }
  const shape = sizes.split(',').map(size => size.trim().replace(/L$/, '')); // Python 2 wrote 3L
  if (shape.at(-1) === '') shape.pop();
  if (shape.some(size => !/^\d+$/.test(size))) {
    throw new FileFormatError(path, `has a .npy header with the shape ${quote(`(${sizes})`)}`);
  }
  return { typeString: descr, fortranOrder: order === 'True', shape: shape.map(Number) };
}

/** The entries of a dict, as text. @returns undefined if the text is anything else, or names an entry twice. */
function dictFields(text: string): Map<string, string> | undefined {
  if (!text.startsWith('{')) return undefined;
  const fields = new Map<string, string>();
  let rest = text.slice(1);
  for (let entry = entryPattern.exec(rest); entry !== null; entry = entryPattern.exec(rest)) {
    const [all, name, value] = entry as unknown as [string, string, string];
    if (fields.has(name)) return undefined;
    fields.set(name, value);
    rest = rest.slice(all.length);
  }
  return rest.trim() === '}' ? fields : undefined;
}
