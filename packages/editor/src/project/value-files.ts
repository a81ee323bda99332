/**
 * Values of one channel as files: grey PNG of up to 16 bits where all are whole numbers, else a NumPy array (`.npy`, version 1.0) of
 * 32-bit floating point, which `generate` and `train` read too. Depends on stored-values.ts and fast-png; knows no DOM.
 */
import { encode } from 'fast-png';
import { FileError, isTooLarge, type Limits, type NamedBytes, pngHeader, pngValues } from './stored-values.js';

/** Values and their size, row by row. */
export interface Values {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/**
 * Reads a grey PNG or a NumPy array in its own values. Grey of 1, 2 and 4 bits is scaled to 8.
 * @throws FileError where it is neither, has colours, is larger than is allowed, or holds what is not finite.
 */
export function readValues(file: NamedBytes, limits: Limits): Values {
  const png = pngHeader(file);
  if (png === null) return readArray(file, limits);
  const { width, height, bits, colours, palette } = png;
  if (colours !== undefined || palette)
    throw new FileError('valuesColours', { file: file.name, colours: colours ?? 'a palette' });
  refuseLarge(file, png, limits);
  const scale = bits < 8 ? 255 / (2 ** bits - 1) : 1;
  return { width, height, values: Float32Array.from(pngValues(file, png), value => scale * value) };
}

/** A file of values, and what its name ends in. */
export interface ValueFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly extension: 'png' | 'npy';
}

/** Values as a PNG of 16 bits, or where one of them is no whole number of 0…65535 as a NumPy array. */
export function encodeValueFile({ width, height, values }: Values): ValueFile {
  if (!values.every(value => Number.isInteger(value) && value >= 0 && value <= 65535))
    return { bytes: encodeArray({ width, height, values }), extension: 'npy' };
  const bytes = Uint8Array.from(encode({ width, height, data: Uint16Array.from(values), channels: 1, depth: 16 }));
  return { bytes, extension: 'png' };
}

const magic = '\x93NUMPY\x01\x00';
/** The length of the header is the 16-bit number behind the magic. */
const preamble = magic.length + 2;

function encodeArray({ width, height, values }: Values): Uint8Array<ArrayBuffer> {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
  // Values begin at a multiple of 64, after a line feed.
  const header = `${text.padEnd(Math.ceil((preamble + text.length + 1) / 64) * 64 - preamble - 1)}\n`;
  const bytes = new Uint8Array(preamble + header.length + 4 * values.length);
  for (let i = 0; i < magic.length; i++) bytes[i] = magic.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  view.setUint16(magic.length, header.length, true);
  for (let i = 0; i < header.length; i++) bytes[preamble + i] = header.charCodeAt(i);
  for (let i = 0; i < values.length; i++) view.setFloat32(preamble + header.length + 4 * i, values[i]!, true);
  return bytes;
}

const readers: Readonly<Record<string, { size: number; read: (view: DataView, at: number) => number }>> = {
  '|u1': { size: 1, read: (view, at) => view.getUint8(at) },
  '<u2': { size: 2, read: (view, at) => view.getUint16(at, true) },
  '<i2': { size: 2, read: (view, at) => view.getInt16(at, true) },
  '<f4': { size: 4, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { size: 8, read: (view, at) => view.getFloat64(at, true) },
};

function readArray(file: NamedBytes, limits: Limits): Values {
  const { name, bytes } = file;
  if (bytes.length < preamble || [...magic].some((character, i) => bytes[i] !== character.charCodeAt(0)))
    throw new FileError('valuesKind', { file: name });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const from = preamble + view.getUint16(magic.length, true);
  const text = String.fromCharCode(...bytes.subarray(preamble, from));
  const found = /'descr': '([^']*)', 'fortran_order': False, 'shape': \((\d+), (\d+)(?:, 1)?\)/.exec(text);
  const reader = readers[found?.[1] ?? ''];
  if (found === null || reader === undefined)
    throw new FileError('valuesArray', { file: name, found: text.trim().slice(0, 80) });
  const [height, width] = [Number(found[2]), Number(found[3])];
  refuseLarge(file, { width, height }, limits);
  const count = width * height;
  if (count === 0 || bytes.length !== from + count * reader.size) throw new FileError('mapDamaged', { file: name });
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = reader.read(view, from + i * reader.size);
  const odd = values.findIndex(value => !Number.isFinite(value));
  if (odd >= 0) throw new FileError('valuesNotFinite', { file: name, x: odd % width, y: Math.floor(odd / width) });
  return { width, height, values };
}

function refuseLarge({ name }: NamedBytes, size: Omit<Values, 'values'>, limits: Limits): void {
  const { width, height } = size;
  if (isTooLarge(size, limits)) throw new FileError('valuesTooLarge', { file: name, width, height, ...limits! });
}
