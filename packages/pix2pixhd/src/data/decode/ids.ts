/**
 * Maps of ids: the values as they are stored, whatever a viewer shows. The only reader of label maps and instance maps.
 * Depends on files, validate/maps.ts and raw-pixels.ts.
 */

import { type IdArray, type IdMap, type Raster, zerosLike } from '../../raster.js';
import { damaged, type ImageHeader, readHeader, swapsSides } from '../files/header.js';
import { bytesOf, type ImageFile, nameOf, sharpInput } from '../files/image-file.js';
import { openImage } from '../files/open-image.js';
import { pngOfStoredValues } from '../files/png.js';
import { tiffOfStoredValues } from '../files/tiff.js';
import { type Fault, FaultyFile } from '../validate/fault.js';
import { colours, mapFault, transparentMap } from '../validate/maps.js';
import { orient } from './orient.js';
import { aligned, type Reading, rawPixels } from './raw-pixels.js';

/**
 * Decode a label map: one class id per pixel, as stored in a PNG or TIFF of 1, 2, 4, 8 or 16 bits. The ids of a
 * palette are its indices (not colours); three equal channels are one. An alpha channel that is the same everywhere, and a
 * transparent colour, are ignored.
 *
 * @param file its path, or its bytes with a name for errors.
 * @param known the file's header, where it has been read.
 * @returns (H, W), one id per pixel, 255 where a pixel has no class.
 * @throws UserError naming the file where it cannot be read, or is not a map of ids.
 *
 * @example
 * ```ts
 * const { width, height, data } = await decodeLabelMap('label.png');
 * console.log(width, height, [...new Set(data)].sort((a, b) => a - b));
 * ```
 */
export function decodeLabelMap(file: ImageFile, known?: ImageHeader): Promise<IdMap> {
  return decodeIdMap(file, 'label map', known);
}

/**
 * Decode an instance map. As {@link decodeLabelMap}; 32-bit integer TIFF is read as well.
 *
 * @returns (H, W), one id per pixel.
 * @throws UserError naming the file where it cannot be read, or is not a map of ids.
 *
 * @example
 * ```ts
 * const { data } = await decodeInstanceMap('inst.png');
 * console.log(new Set(data).size);
 * ```
 */
export function decodeInstanceMap(file: ImageFile, known?: ImageHeader): Promise<IdMap> {
  return decodeIdMap(file, 'instance map', known);
}

async function decodeIdMap(file: ImageFile, kind: 'label map' | 'instance map', known?: ImageHeader): Promise<IdMap> {
  const doing = `decoding the ${kind}`;
  const header = known ?? (await readHeader(file, doing));
  const fault = mapFault(header);
  if (fault !== undefined) throw new FaultyFile(doing, nameOf(file), fault);
  let data: IdArray;
  let reading: Reading;
  try {
    ({ data, reading } = await storedValues(file, header));
  } catch (cause) {
    throw damaged(file, doing, cause);
  }
  const one = oneChannel(data, reading);
  if ('code' in one) throw new FaultyFile(doing, nameOf(file), one);
  const { width, height } = reading;
  return orient<IdMap>({ width, height, channels: 1, data: one }, header.orientation);
}

/**
 * The ids in pixels that a program holds in memory: of one channel, or of equal ones.
 *
 * @param name what an error calls them.
 * @throws UserError where they are colours.
 */
export function idsOfPixels(pixels: Raster<IdArray>, name: string): IdMap {
  const { width, height, data } = pixels;
  const one = oneChannel(data, pixels);
  if ('code' in one) throw new FaultyFile('reading a map of ids', name, one);
  return { width, height, channels: 1, data: one };
}

/** The samples of a file, stripped of everything that gives them another meaning. */
async function storedValues(file: ImageFile, header: ImageHeader): Promise<{ data: IdArray; reading: Reading }> {
  let source = sharpInput(file);
  let reading: Reading;
  if (header.format === 'png') {
    if (!isPlain(header)) source = pngOfStoredValues(await bytesOf(file));
    reading = readingOfPng(header);
  } else {
    source = tiffOfStoredValues(await bytesOf(file));
    reading = await readingOf(source);
  }
  const data = ids(await rawPixels(source, reading), reading.storage);
  const { bits } = header.stored!;
  // libvips spreads fewer bits over eight, so that all ones are white; the upper bits are the value again.
  if (bits < 8) for (let i = 0; i < data.length; i++) data[i]! >>= 8 - bits;
  return { data, reading };
}

/** Grey of 8 or 16 bits and nothing else, the usual map, is decoded from the file itself, which is 5 % faster. */
function isPlain({ channels, palette, stored }: ImageHeader): boolean {
  return channels === 1 && !palette && stored!.samples === 1 && stored!.bits >= 8;
}

/** How libvips reads a PNG without ancillary chunks; asking it would take a tenth of the time of decoding. */
function readingOfPng({ width, height, orientation, stored }: ImageHeader): Reading {
  const { bits, samples } = stored!;
  const [storage, grey, rgb] = bits === 16 ? ['ushort', 'grey16', 'rgb16'] : ['uchar', 'b-w', 'srgb'];
  const size = swapsSides(orientation) ? { width: height, height: width } : { width, height };
  return { ...size, channels: samples, storage: storage!, space: samples < 3 ? grey! : rgb! };
}

async function readingOf(file: Buffer): Promise<Reading> {
  const { width, height, channels, depth, space } = await openImage(file).metadata();
  return { width, height, channels, storage: depth, space };
}

/** The ids of grey or of three equal channels, alpha or not; or why they are not ids. */
function oneChannel(data: IdArray, { width, channels }: Pick<Raster, 'width' | 'channels'>): IdArray | Fault {
  if (channels === 1) return data;
  const hasAlpha = channels % 2 === 0;
  const isRgb = channels > 2;
  const place = (i: number) => `at x ${i % width}, y ${Math.floor(i / width)}`;
  const alpha = data[channels - 1]!;
  const one = zerosLike(data, data.length / channels);
  for (let i = 0, from = 0; i < one.length; i++, from += channels) {
    const id = data[from]!;
    if (isRgb && (data[from + 1] !== id || data[from + 2] !== id))
      return colours(`${channels} channels that differ (${data.slice(from, from + 3).join(', ')} ${place(i)})`);
    if (hasAlpha && data[from + channels - 1] !== alpha)
      return transparentMap(`${alpha} at first, ${data[from + channels - 1]} ${place(i)}`);
    one[i] = id;
  }
  return one;
}

function ids(data: Buffer, storage: string): IdArray {
  const [buffer, offset] = aligned(data);
  switch (storage) {
    case 'uchar':
      return new Uint8Array(buffer, offset, data.length);
    case 'ushort':
      return new Uint16Array(buffer, offset, data.length / 2);
    case 'char':
      return new Int32Array(new Int8Array(buffer, offset, data.length));
    case 'short':
      return new Int32Array(new Int16Array(buffer, offset, data.length / 2));
    default:
      return new Int32Array(buffer, offset, data.length / 4);
  }
}
