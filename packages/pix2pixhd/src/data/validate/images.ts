/**
 * Why a file is not an image that a network can take. Depends on files/header.ts, raster.ts for types, and fault.ts.
 */
import type { ImageRaster } from '../../raster.js';
import { type ImageHeader, storageInWords } from '../files/header.js';
import type { Fault } from './fault.js';

/** Why a file cannot be an image, from its header alone. */
export function imageFault({ space, storage }: ImageHeader): Fault | undefined {
  if (space === 'cmyk')
    return {
      code: 'image-cmyk',
      found: 'a CMYK image, made for print',
      expected: 'grey or RGB',
      remedy: 'convert it to RGB with an image editor',
    };
  if (['uchar', 'ushort', 'float'].includes(storage)) return undefined;
  return {
    code: 'image-values',
    found: `pixels stored as ${storageInWords(storage)}`,
    expected: '8-bit, 16-bit or 32-bit floating-point pixels',
    remedy: `such values have no defined white: scale them to 0…65535 and save them as 16-bit integers, ${SAME_SCALE}`,
  };
}

/** The option for the number of channels that a network takes or makes. */
export type ChannelOption = '--input-nc' | '--output-nc';

/**
 * Why an image does not fit a network of `wanted` channels. Grey fits any number, alpha may be dropped; colour is never
 * turned into grey automatically.
 */
export function channelFault(
  { channels, alpha }: { readonly channels: number; readonly alpha?: boolean },
  wanted: number,
  option: ChannelOption,
): Fault | undefined {
  const without = alpha ? channels - 1 : channels;
  if (channels === wanted || without === wanted || without === 1) return undefined;
  return {
    code: 'image-channels',
    found: `${channels} channels${alpha ? ', the last of them alpha' : ''}`,
    expected: `${wanted}${wanted === 1 ? '' : ', or one (grey)'}`,
    advice: { kind: 'channels', option, found: without, wanted },
    remedy: `give ${option} ${without}${alpha ? `, or ${channels} with alpha` : ''}, or convert the images`,
  };
}

const SAME_SCALE = 'with one scale for all files, as docs/thermal.md shows';

/** What float32 arithmetic may add to a white of 1 or take from a black of 0. */
const ROUNDING = 1e-6;

/** Floating-point values that are not finite or lie outside [0, 1]. Images of 8 and 16 bits always pass. */
export function valueFault({ data, width, channels }: ImageRaster): Fault | undefined {
  if (!(data instanceof Float32Array)) return undefined;
  const place = (index: number) => {
    const pixel = Math.floor(index / channels);
    const band = channels > 1 ? `, channel ${(index % channels) + 1}` : '';
    return `at x ${pixel % width}, y ${Math.floor(pixel / width)}${band}`;
  };
  let outside = -1;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value >= -ROUNDING && value <= 1 + ROUNDING) continue;
    if (!Number.isFinite(value))
      return {
        code: 'image-values',
        found: `${Number.isNaN(value) ? 'a value that is not a number (NaN)' : 'an infinite value'}, first ${place(i)}`,
        expected: 'finite values in [0, 1]',
        remedy: 'replace such values, for instance with 0, before saving the file',
      };
    if (outside < 0) outside = i;
  }
  if (outside < 0) return undefined;
  const digits = (value: number) => Number(value.toPrecision(6));
  const low = data.reduce((a, b) => Math.min(a, b));
  const high = data.reduce((a, b) => Math.max(a, b));
  return {
    code: 'image-values',
    found: `floating-point values from ${digits(low)} to ${digits(high)}, the first outside [0, 1] ${place(outside)}`,
    expected: 'values in [0, 1], from black to white',
    remedy: `scale the values to [0, 1], ${SAME_SCALE}`,
  };
}
