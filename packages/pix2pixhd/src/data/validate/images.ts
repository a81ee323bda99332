/**
 * Why a file is not an image that a network can take. Depends on files/header.ts, the ranges of values, and fault.ts.
 */
import type { StoredRaster } from '../../raster.js';
import { type ImageHeader, storageInWords } from '../files/header.js';
import { FULL_SCALE, type RangeOption, type ValueScale } from '../values/range.js';
import type { Fault } from './fault.js';

/** Why a file cannot be an image, from its header alone. */
export function imageFault(
  { space, storage }: ImageHeader,
  { range, option }: ValueScale = FULL_SCALE,
): Fault | undefined {
  if (space === 'cmyk')
    return {
      code: 'image-cmyk',
      found: 'a CMYK image, made for print',
      expected: 'grey or RGB',
      remedy: 'convert it to RGB with an image editor',
    };
  if (!STORAGES.includes(storage))
    return {
      code: 'image-values',
      found: `pixels stored as ${storageInWords(storage)}`,
      expected: 'whole numbers of 8, 16 or 32 bits, or floating point',
      remedy: 'save the file with one of these types',
    };
  return range === 'full' && !WITH_WHITE.includes(storage) ? withoutWhite(storage, option) : undefined;
}

/** libvips' storage types that hold real numbers. */
const STORAGES = ['uchar', 'char', 'ushort', 'short', 'uint', 'int', 'float', 'double'];
/** Those of them of which it is known what is white. */
const WITH_WHITE = ['uchar', 'ushort', 'float', 'double'];

/** Why values cannot be used in the full range, from their type alone. */
export function unscaledFault({ data }: Pick<StoredRaster, 'data'>, option: RangeOption): Fault | undefined {
  if (data instanceof Int8Array) return withoutWhite('char', option);
  if (data instanceof Int16Array) return withoutWhite('short', option);
  if (data instanceof Int32Array) return withoutWhite('int', option);
  return data instanceof Uint32Array ? withoutWhite('uint', option) : undefined;
}

function withoutWhite(storage: string, option: RangeOption): Fault {
  return {
    code: 'image-values',
    found: `pixels stored as ${storageInWords(storage)}, of which nothing says what is white`,
    expected: 'a range of values for such files',
    advice: { kind: 'range', option },
    remedy: `give ${option} percentile, or LO,HI in the unit of the files`,
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

/** What float32 arithmetic may add to a white of 1 or take from a black of 0. */
const ROUNDING = 1e-6;

/**
 * Floating-point values that are not finite, or, in the full range, lie outside [0, 1]. Integers always pass.
 *
 * @param option that would give such values a range; undefined where they have one.
 */
export function valueFault(
  { data, width, channels }: StoredRaster,
  option: RangeOption | undefined,
): Fault | undefined {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return undefined;
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
        expected: 'finite values',
        remedy: 'replace such values, for instance with 0, before saving the file',
      };
    if (outside < 0) outside = i;
  }
  if (outside < 0 || option === undefined) return undefined;
  const digits = (value: number) => Number(value.toPrecision(6));
  let [low, high] = [data[0]!, data[0]!];
  for (const value of data) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return {
    code: 'image-values',
    found: `floating-point values from ${digits(low)} to ${digits(high)}, the first outside [0, 1] ${place(outside)}`,
    expected: 'values in [0, 1], from black to white, or a range for them',
    advice: { kind: 'range', option },
    remedy: `give ${option} percentile, or LO,HI in the unit of the files`,
  };
}
