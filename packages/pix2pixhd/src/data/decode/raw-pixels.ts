/**
 * The samples of a file as libvips reads them, without conversion: no gamma, no profile, no change of depth or channels.
 * Depends on sharp.
 */
import { openImage } from '../files/open-image.js';

/** What libvips needs to be told to return pixels unchanged: storage type and colour space, and what size to expect. */
export interface Reading {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly storage: string;
  readonly space: string;
}

/** How many channels more a grey image has as RGB. */
const GREY_AS_RGB = 2;

/**
 * Interleaved samples of a file, from its path or its bytes.
 *
 * @throws Error where the file is damaged, or not as `reading` says.
 */
export async function rawPixels(file: string | Buffer, reading: Reading): Promise<Buffer> {
  const { width, height, channels, storage, space } = reading;
  // Asking for the colour space the file already has keeps libvips from converting everything to 8-bit sRGB. For a
  // grey image this returns the first channel only, so images with more go through RGB, the grey value three times.
  const throughRgb = space === 'b-w' && channels > 1;
  // Sequentially, from top to bottom: the whole file need not be in memory, nor the image twice.
  const pipeline = openImage(file, { sequentialRead: true }).toColourspace(throughRgb ? 'srgb' : space);
  const { data, info } = await pipeline.raw({ depth: storage as 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.width !== width || info.height !== height) throw new Error('the file changed while it was read');
  const expected = channels + (throughRgb ? GREY_AS_RGB : 0);
  if (info.channels !== expected) throw new Error(`${info.channels} channels were read, expected ${expected}`);
  return throughRgb ? withoutCopiesOfGrey(data, width * height, expected) : data;
}

/** Leaves out the second and third of `channels` interleaved samples. */
function withoutCopiesOfGrey(data: Buffer, pixels: number, channels: number): Buffer {
  const size = data.length / (pixels * channels);
  const out = Buffer.allocUnsafe(pixels * (channels - GREY_AS_RGB) * size);
  const extra = (1 + GREY_AS_RGB) * size;
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += channels * size) {
    for (let k = 0; k < size; k++) out[to++] = data[from + k]!;
    for (let k = extra; k < channels * size; k++) out[to++] = data[from + k]!;
  }
  return out;
}

/** A buffer of the same bytes whose elements of `size` bytes can be viewed, and where they begin. */
export function aligned({ buffer, byteOffset, length }: Buffer, size = 4): [ArrayBufferLike, number] {
  return byteOffset % size === 0 ? [buffer, byteOffset] : [buffer.slice(byteOffset, byteOffset + length), 0];
}
