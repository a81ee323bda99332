/**
 * PNG files by their stored values: palettes, profiles and transparent colours change nothing. Depends on fast-png, which is loaded
 * with the first file, and on errors.ts.
 */
import { UserError } from '../errors.js';
import type { PixelArray, Raster } from './image-input.js';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether bytes begin as a PNG does. */
export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/**
 * The values of a PNG as they are stored: of a palette its indices, of 1, 2 and 4 bits their numbers.
 * @param name what errors call the file.
 */
export async function storedValues(bytes: Uint8Array, name: string): Promise<Raster> {
  const { raster, bits } = await decodePng(bytes, name);
  return bits < 8 ? unpacked(raster, bits) : raster;
}

/** A PNG as an image: of 8 or 16 bits a channel, a palette's colours. */
export async function imageOfPng(bytes: Uint8Array, name: string): Promise<Raster> {
  const { raster, bits, palette } = await decodePng(bytes, name);
  const values = bits < 8 ? unpacked(raster, bits) : raster;
  const { width, height, data } = values;
  if (palette !== undefined) {
    const channels = palette[0]?.length ?? 3;
    const colours = new Uint8Array(width * height * channels);
    for (let i = 0; i < data.length; i++) colours.set(palette[data[i]!] ?? [], i * channels);
    return { width, height, channels, data: colours };
  }
  return bits < 8 ? { ...values, data: (data as Uint8Array).map(value => (value * 255) / (2 ** bits - 1)) } : values;
}

/** The bytes of a PNG: of 16 bits where the values are. */
export async function encodePng({ width, height, channels, data }: Raster): Promise<Uint8Array> {
  const { encode } = await import('fast-png');
  const depth = data instanceof Uint16Array ? 16 : 8;
  return encode({ width, height, channels, depth, data: data as Uint8Array | Uint16Array });
}

async function decodePng(bytes: Uint8Array, name: string) {
  const { decode } = await import('fast-png');
  try {
    const { width, height, channels, data, depth, palette } = decode(bytes, { checkCrc: true });
    const values: PixelArray = data instanceof Uint8ClampedArray ? new Uint8Array(data.buffer) : data;
    return { raster: { width, height, channels, data: values }, bits: depth, palette };
  } catch (cause) {
    throw new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing: `reading ${name}`,
        found: `a PNG that cannot be decoded: ${(cause as Error).message}`,
        expected: 'a whole PNG, with one picture and without interlacing below 8 bits',
        remedy: 'save the file again',
      },
      { cause },
    );
  }
}

/** Values of less than a byte, the first in the highest bits; rows begin with a byte. */
function unpacked({ width, height, data }: Raster, bits: number): Raster {
  const values = new Uint8Array(width * height);
  const [perRow, perByte] = [Math.ceil((width * bits) / 8), 8 / bits];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const byte = data[y * perRow + Math.floor(x / perByte)]!;
      values[y * width + x] = (byte >> (8 - bits - (x % perByte) * bits)) & (2 ** bits - 1);
    }
  return { width, height, channels: 1, data: values };
}
