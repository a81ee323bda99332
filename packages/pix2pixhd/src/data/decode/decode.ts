/**
 * `decode/`: files to pixels, values untouched: no gamma, no colour profile, no change of bit depth or channel count, unless a
 * range of values is asked for. It may import `files/`, `validate/` and `values/`.
 *
 * This file decodes images; maps of ids, see ids.ts. Depends on files, validate/images.ts, values and raw-pixels.ts.
 *
 * An EXIF orientation is applied, to images as to maps: they lie as every viewer shows them.
 */

import type { ImageRaster, StoredArray, StoredRaster } from '../../raster.js';
import { damaged, type ImageHeader, readHeader, swapsSides } from '../files/header.js';
import { bytesOf, type ImageFile, nameOf, sharpInput } from '../files/image-file.js';
import { npyImage, npyValues } from '../files/npy.js';
import { openImage } from '../files/open-image.js';
import { tiffOfBands, tiffOfUnsigned } from '../files/tiff.js';
import { FaultyFile } from '../validate/fault.js';
import { imageFault } from '../validate/images.js';
import { ANY_SCALE, FULL_SCALE, type ValueScale } from '../values/range.js';
import { scaleValues, shareOutside } from '../values/scale.js';
import { orient } from './orient.js';
import { aligned, type Reading, rawPixels } from './raw-pixels.js';

export { decodeInstanceMap, decodeLabelMap, idsOfPixels } from './ids.js';

/**
 * Decode an image. 8 and 16 bits stay what they are, unless a range is given; one channel stays one channel, and every band of
 * a TIFF is read; grey of 1, 2 and 4 bits is scaled to 8; a palette is looked up (to RGB, or RGBA where it has
 * transparency); alpha is kept as the last channel.
 *
 * @param file its path, or its bytes with a name for errors.
 * @param known the file's header, where it has been read.
 * @param scale which stored values become black and white; default the full range of the type.
 * @returns (H, W, C), channels interleaved: 0…255, 0…65535, or, of floating-point files and where a range is given, floating
 *   point in [0, 1].
 * @throws UserError naming the file where it is missing, truncated, damaged, CMYK, or holds values that have no white.
 *
 * @example
 * ```ts
 * const { width, height, channels, data } = await decodeImage('photo.png');
 * console.log(width, height, channels, data[0]);
 * ```
 */
export async function decodeImage(
  file: ImageFile,
  known?: ImageHeader,
  scale: ValueScale = FULL_SCALE,
): Promise<ImageRaster> {
  return (await decodeScaled(file, known, scale)).image;
}

/** An image, and what its range did to it. */
export interface ScaledImage {
  readonly image: ImageRaster;
  /** Share of its values that a range cuts off; 0 where it has none of its own. */
  readonly outside: number;
}

/** As {@link decodeImage}, for those who are to be told of images that lie outside their range. */
export async function decodeScaled(
  file: ImageFile,
  known: ImageHeader | undefined,
  scale: ValueScale,
): Promise<ScaledImage> {
  const stored = await decodeStored(file, known, scale);
  const image = scaleValues(stored, scale, nameOf(file), doing);
  return { image, outside: typeof scale.range === 'string' ? 0 : shareOutside(stored, scale.range) };
}

const doing = 'decoding an image';

/**
 * The values of an image as its file stores them, in the file's unit; otherwise as {@link decodeImage}.
 *
 * @param scale with which they are meant to be used: types that have no white are refused where it is the full range; default any.
 * @throws UserError naming the file where it is missing, truncated, damaged or CMYK.
 */
export async function decodeStored(
  file: ImageFile,
  known?: ImageHeader,
  scale: ValueScale = ANY_SCALE,
): Promise<StoredRaster> {
  const header = known ?? (await readHeader(file, doing));
  const fault = imageFault(header, scale);
  if (fault !== undefined) throw new FaultyFile(doing, nameOf(file), fault);
  const { channels, alpha, storage, orientation } = header;
  const [width, height] = swapsSides(orientation) ? [header.height, header.width] : [header.width, header.height];
  let data: StoredArray;
  try {
    const reading = { ...header, width, height };
    data =
      header.format === 'npy'
        ? npyValues(file, npyImage(file))
        : typed(await samplesOf(file, header, reading), storage);
  } catch (cause) {
    throw damaged(file, doing, cause);
  }
  return orient({ width, height, channels, alpha, data }, orientation);
}

function samplesOf(file: ImageFile, header: ImageHeader, reading: Reading): Promise<Buffer> {
  if (isSigned(header)) return signed(file, reading);
  return hasGreyBands(header) ? bands(file, reading) : rawPixels(sharpInput(file), reading);
}

/** TIFF alone has signed numbers. */
function isSigned({ storage }: ImageHeader): boolean {
  return ['char', 'short', 'int'].includes(storage);
}

async function signed(file: ImageFile, reading: Reading): Promise<Buffer> {
  const tiff = tiffOfUnsigned(tiffOfBands(await bytesOf(file)));
  const { space, depth } = await openImage(tiff).metadata();
  return rawPixels(tiff, { ...reading, space, storage: depth });
}

function hasGreyBands({ format, channels, space }: ImageHeader): boolean {
  return format === 'tiff' && channels > 1 && (space === 'b-w' || space === 'grey16');
}

async function bands(file: ImageFile, reading: Reading): Promise<Buffer> {
  const tiff = tiffOfBands(await bytesOf(file));
  const { space } = await openImage(tiff).metadata();
  return rawPixels(tiff, { ...reading, space });
}

/** A view of one of the storage types that {@link imageFault} lets pass. */
function typed(data: Buffer, storage: string): StoredArray {
  const Values = arrays[storage as keyof typeof arrays];
  const [buffer, offset] = aligned(data, Values.BYTES_PER_ELEMENT);
  return new Values(buffer as ArrayBuffer, offset, data.length / Values.BYTES_PER_ELEMENT);
}

const arrays = {
  uchar: Uint8Array,
  char: Int8Array,
  ushort: Uint16Array,
  short: Int16Array,
  uint: Uint32Array,
  int: Int32Array,
  float: Float32Array,
  double: Float64Array,
};
