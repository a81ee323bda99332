/**
 * NumPy arrays as images: (H, W), (H, W, C) or (C, H, W). Depends on torch's reader of .npy files, which needs no libtorch.
 */
import { arrayToTensor, type NpyHeader, readNpyHeader } from '@pix2pixhd/torch/npy';
import type { StoredArray } from '../../raster.js';
import { type ImageFile, nameOf, sizeOf, withParts } from './image-file.js';

/** More channels than any camera has; with more, the axis is a side of the image. */
const MOST_CHANNELS = 16;

/** What the header of an array says of the image. */
export interface NpyImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Whether channels lie one after the other. */
  readonly planes: boolean;
  /** As libvips calls it. */
  readonly storage: string;
  readonly bits: number;
  readonly header: NpyHeader;
}

/** Storage by NumPy's type strings. Wider integers count as those of 32 bits, half precision as single. */
const storages: Readonly<Record<string, string>> = {
  b1: 'uchar',
  u1: 'uchar',
  i1: 'char',
  u2: 'ushort',
  i2: 'short',
  u4: 'uint',
  i4: 'int',
  u8: 'uint',
  i8: 'int',
  f2: 'float',
  f4: 'float',
  f8: 'double',
};

/** Whether a file is an array, by its name. */
export function isNpy(file: ImageFile): boolean {
  return /\.npy$/i.test(nameOf(file));
}

/**
 * What an array is as an image.
 * @throws Error where the header is damaged, or the array is none of the three shapes.
 */
export function npyImage(file: ImageFile): NpyImage {
  const header = withParts(file, read =>
    readNpyHeader({
      path: nameOf(file),
      size: sizeOf(file),
      read: (offset, length) => new Uint8Array(read(offset, length)),
    }),
  );
  const { shape, typeString } = header;
  const [a = 0, b = 0, c = 0] = shape;
  const planes = shape.length === 3 && c > MOST_CHANNELS && a <= MOST_CHANNELS;
  const [height, width, channels] = shape.length === 2 ? [a, b, 1] : planes ? [b, c, a] : [a, b, c];
  if ((shape.length !== 2 && shape.length !== 3) || height * width * channels === 0 || channels > MOST_CHANNELS)
    throw new Error(`an array of shape (${shape.join(', ')}), expected (H, W), (H, W, C) or (C, H, W)`);
  const kind = typeString.replace(/^[<|]/, '');
  const storage = storages[kind];
  if (storage === undefined) throw new Error(`an array of ${typeString}, expected whole numbers or floating point`);
  return { width, height, channels, planes, storage, bits: 8 * Number(kind.slice(1)), header };
}

/**
 * The values of an array, channels interleaved.
 * @throws Error where the file is shorter or longer than its header says.
 */
export function npyValues(file: ImageFile, { header, planes, width, height, channels }: NpyImage): StoredArray {
  const { dataStart, ...layout } = header;
  const available = sizeOf(file) - dataStart;
  const tensor = withParts(file, read =>
    arrayToTensor(nameOf(file), layout, available, length => new Uint8Array(read(dataStart, length))),
  );
  const values = viewOf(tensor.dtype, tensor.bytes, layout.typeString);
  if (!planes || channels === 1) return values;
  const out = values.slice();
  const size = width * height;
  for (let k = 0; k < channels; k++) for (let i = 0; i < size; i++) out[i * channels + k] = values[k * size + i]!;
  return out;
}

function viewOf(dtype: string, bytes: Uint8Array, typeString: string): StoredArray {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (dtype) {
    case 'uint8':
    case 'bool':
      return bytes;
    case 'int8':
      return new Int8Array(buffer, byteOffset, byteLength);
    case 'int16':
      return new Int16Array(buffer, byteOffset, byteLength / 2);
    case 'int32': {
      const values = new Int32Array(buffer, byteOffset, byteLength / 4);
      // Widened by the reader.
      return typeString === '<u2' ? Uint16Array.from(values) : values;
    }
    case 'int64':
      return Float64Array.from(new BigInt64Array(buffer, byteOffset, byteLength / 8), Number);
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), halfToNumber);
    case 'float64':
      return new Float64Array(buffer, byteOffset, byteLength / 8);
    default:
      return new Float32Array(buffer, byteOffset, byteLength / 4);
  }
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
