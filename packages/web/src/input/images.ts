/**
 * Images of any kind to the channels, type and unit that a network takes. Depends on reading files, png.ts, errors.ts and the
 * platform, which decodes and reads canvases.
 */
import { platform } from '#platform';
import { UserError } from '../errors.js';
import type { ImageSpec } from '../model/metadata.js';
import { bytesOf } from './files.js';
import { type ImageInput, isCanvas, isPicture, type Pixels, type Raster, rasterOf } from './image-input.js';
import { imageOfPng, isPng } from './png.js';

/** An image as a network reads it: (H, W, C), in the unit of the files that it was trained on. */
export interface ReadImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Float32Array;
}

/**
 * Reads an image.
 *
 * @param name what errors call it: `the input`.
 * @throws UserError where it cannot be used; TypeError where it is none of the kinds.
 */
export async function readImage(
  input: ImageInput,
  spec: ImageSpec,
  name: string,
  signal?: AbortSignal,
): Promise<ReadImage> {
  return fitted(await decoded(input, name, signal), spec, name);
}

async function decoded(input: ImageInput, name: string, signal?: AbortSignal): Promise<Raster> {
  const bytes = await bytesOf(input, name, signal);
  if (bytes !== undefined) return isPng(bytes) ? imageOfPng(bytes, name) : platform.decodeImage(bytes, name);
  if (isCanvas(input as object) || isPicture(input as object)) return platform.pixelsOf(input as never, name);
  return rasterOf(input as Pixels, name);
}

/** Grey serves any number of channels; alpha that a network does not take is left out. */
function fitted({ width, height, channels: has, data }: Raster, spec: ImageSpec, name: string): ReadImage {
  const { channels, dtype, ranges } = spec;
  if (ranges === null && !(data instanceof Float32Array))
    throw new UserError({
      code: 'IMAGE_UNSUITABLE',
      doing: `reading ${name}`,
      found: 'values in the unit of a file, for a network that was trained on ranges found image by image',
      expected: 'a Float32Array of values that are scaled to [-1, 1] already',
      remedy: 'scale them as in training, or generate with pix2pixhd, which does',
    });
  const colours = has !== channels && has % 2 === 0 && has <= 4 ? has - 1 : has;
  if (colours !== channels && colours !== 1)
    throw new UserError({
      code: 'WRONG_CHANNELS',
      doing: `reading ${name}`,
      found: `${has} channels`,
      expected: `${channels}, which this network was trained with`,
      remedy: `give an image of ${channels === 1 ? 'one channel' : `${channels} channels`} (info.inputChannels)`,
    });
  const fitted =
    dtype === 'uint8' ? new Uint8Array(width * height * channels) : new Float32Array(width * height * channels);
  const toUnit = Array.from({ length: channels }, (_, c) => scaleTo(spec, c, data));
  for (let i = 0, to = 0; i < width * height; i++)
    for (let c = 0; c < channels; c++) {
      const value = data[i * has + (colours === 1 ? 0 : c)]! * toUnit[c]!;
      fitted[to++] = dtype === 'uint8' ? Math.min(255, Math.max(0, Math.round(value))) : value;
    }
  return { width, height, channels, data: fitted };
}

/**
 * What the values of an array are multiplied by to be in a network's unit. Where its range is all that a type holds, any type stands for
 * what it holds (8 bits, 16 bits, floating point from 0 to 1); otherwise values are in the unit of the range already.
 */
function scaleTo({ ranges, full }: ImageSpec, channel: number, data: Raster['data']): number {
  if (ranges === null || !full || data instanceof Int32Array) return 1;
  let first = 0;
  const range = ranges.find(({ channels }) => channel < (first += channels)) ?? ranges[0];
  const white = range?.white ?? 255;
  if (data instanceof Uint8Array) return white / 255;
  return data instanceof Uint16Array ? white / 65535 : white;
}
