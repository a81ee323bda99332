/**
 * The values of a PNG as they are stored, one a pixel. A browser's own decoder is of no use here: it makes colours of 8 bits of every
 * file. Depends on fast-png; knows no DOM.
 */
import { decode } from 'fast-png';

/** A file that a person chose. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Longest side and most pixels, where they are known. */
export type Limits = { readonly side: number; readonly pixels: number } | undefined;

/** What can be wrong with files that are to be maps, or values. */
export type FileProblem =
  | 'mapCount'
  | 'mapNoPng'
  | 'mapDamaged'
  | 'mapColours'
  | 'mapInterlaced'
  | 'mapTooLarge'
  | 'mapSizes'
  | 'mapWhich'
  | 'mapNoClass'
  | 'valuesKind'
  | 'valuesColours'
  | 'valuesTooLarge'
  | 'valuesArray'
  | 'valuesNotFinite';

/** Files that cannot be opened here: what is wrong, and what was found, to be put into words by whoever shows it. */
export class FileError extends Error {
  readonly problem: FileProblem;
  readonly found: Readonly<Record<string, string | number>>;

  constructor(problem: FileProblem, found: Readonly<Record<string, string | number>>) {
    super(`${problem}: ${JSON.stringify(found)}`);
    this.problem = problem;
    this.found = found;
  }
}

/** What the header of a PNG says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** What its pixels are where they are no single values: `RGB`. */
  readonly colours: string | undefined;
  /** Whether its values are indices of a palette. */
  readonly palette: boolean;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** By PNG's colour type. */
const colourTypes: Readonly<Record<number, string>> = { 2: 'RGB', 4: 'grey + alpha', 6: 'RGBA' };

/** The header of a PNG; null where a file is none. @throws FileError where it is interlaced. */
export function pngHeader({ name, bytes }: NamedBytes): PngHeader | null {
  if (bytes.length < 33 || signature.some((byte, i) => bytes[i] !== byte)) return null;
  const header = new DataView(bytes.buffer, bytes.byteOffset + 16, 13);
  const [bits, type] = [header.getUint8(8), header.getUint8(9)];
  const colours = colourTypes[type];
  if (colours === undefined && header.getUint8(12) !== 0) throw new FileError('mapInterlaced', { file: name });
  return { width: header.getUint32(0), height: header.getUint32(4), bits, colours, palette: type === 3 };
}

/** The values of a PNG of one channel. @throws FileError where it is damaged. */
export function pngValues({ name, bytes }: NamedBytes, { width, height, bits }: PngHeader): Uint8Array | Uint16Array {
  try {
    const { data } = decode(bytes, { checkCrc: true });
    return bits < 8 ? unpacked(data as Uint8Array, width, height, bits) : (data as Uint8Array | Uint16Array);
  } catch {
    throw new FileError('mapDamaged', { file: name });
  }
}

/** Whether a size is more than is allowed. */
export function isTooLarge(
  { width, height }: { readonly width: number; readonly height: number },
  limits: Limits,
): boolean {
  return limits !== undefined && (Math.max(width, height) > limits.side || width * height > limits.pixels);
}

/** Values of less than a byte, the first in the highest bits; rows begin with a byte. */
function unpacked(data: Uint8Array, width: number, height: number, bits: number): Uint8Array {
  const values = new Uint8Array(width * height);
  const [perRow, perByte] = [Math.ceil((width * bits) / 8), 8 / bits];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const byte = data[y * perRow + Math.floor(x / perByte)]!;
      values[y * width + x] = (byte >> (8 - bits - (x % perByte) * bits)) & (2 ** bits - 1);
    }
  return values;
}
