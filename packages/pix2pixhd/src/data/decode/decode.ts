/**
 * `decode/`: files to pixels, values untouched: no gamma, no colour profile, no change of bit depth or channel count. It may
 * import `files/` and `validate/`.
 *
 * This file decodes images; maps of ids, see ids.ts. Depends on files, validate/images.ts and raw-pixels.ts.
 *
 * An EXIF orientation is applied, to images as to maps: they lie as every viewer shows them.
 */

import type { ImageArray, ImageRaster } from '../../raster.js';
import { damaged, type ImageHeader, readHeader, swapsSides } from '../files/header.js';
import { bytesOf, type ImageFile, nameOf, sharpInput } from '../files/image-file.js';
import { openImage } from '../files/open-image.js';
import { tiffOfBands } from '../files/tiff.js';
import { FaultyFile } from '../validate/fault.js';
import { imageFault, valueFault } from '../validate/images.js';
import { orient } from './orient.js';
import { aligned, type Reading, rawPixels } from './raw-pixels.js';

export { decodeInstanceMap, decodeLabelMap, idsOfPixels } from './ids.js';

/**
 * Decode an image. 8-bit, 16-bit and floating point stay what they are, one channel stays one channel, and every band of
 * a TIFF is read; grey of 1, 2 and 4 bits is scaled to 8; a palette is looked up (to RGB, or RGBA where it has
 * transparency); alpha is kept as the last channel.
 *
 * @param file its path, or its bytes with a name for errors.
 * @param known the file's header, where it has been read.
 * @returns (H, W, C), channels interleaved: 0…255, 0…65535, or floating point in [0, 1].
 * @throws UserError naming the file where it is missing, truncated, damaged, CMYK, of another depth, or holds floating-point
 *   values outside [0, 1].
 *
 * @example
 * ```ts
 * const { width, height, channels, data } = await decodeImage('photo.png');
 * console.log(width, height, channels, data[0]);
 * ```
 */
export async function decodeImage(file: ImageFile, known?: ImageHeader): Promise<ImageRaster> {
  const doing = 'decoding an image';
  const header = known ?? (await readHeader(file, doing));
  const fault = imageFault(header);
  if (fault !== undefined) throw new FaultyFile(doing, nameOf(file), fault);
  const { channels, alpha, storage, orientation } = header;
  const [width, height] = swapsSides(orientation) ? [header.height, header.width] : [header.width, header.height];
  let data: Buffer;
  try {
    const reading = { ...header, width, height };
    data = await (hasGreyBands(header) ? bands(file, reading) : rawPixels(sharpInput(file), reading));
  } catch (cause) {
    throw damaged(file, doing, cause);
  }
  const raster: ImageRaster = { width, height, channels, alpha, data: typed(data, storage) };
  return orient(checkPixels(raster, nameOf(file), doing), orientation);
}

function hasGreyBands({ format, channels, space }: ImageHeader): boolean {
  return format === 'tiff' && channels > 1 && (space === 'b-w' || space === 'grey16');
}

async function bands(file: ImageFile, reading: Reading): Promise<Buffer> {
  const tiff = tiffOfBands(await bytesOf(file));
  const { space } = await openImage(tiff).metadata();
  return rawPixels(tiff, { ...reading, space });
}

/**
 * Checks pixels that a program holds in memory as those of a file are checked.
 *
 * @param name what an error calls them.
 * @throws UserError where floating-point values are outside [0, 1].
 */
export function checkPixels(pixels: ImageRaster, name: string, doing = 'reading an image'): ImageRaster {
  const wrong = valueFault(pixels);
  if (wrong !== undefined) throw new FaultyFile(doing, name, wrong);
  return pixels;
}

/** A view of one of the storage types that {@link imageFault} lets pass. */
function typed(data: Buffer, storage: string): ImageArray {
  const [buffer, offset] = aligned(data);
  if (storage === 'uchar') return new Uint8Array(buffer, offset, data.length);
  return storage === 'ushort'
    ? new Uint16Array(buffer, offset, data.length / 2)
    : new Float32Array(buffer, offset, data.length / 4);
}
