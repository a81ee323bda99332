/**
 * Bringing an image to the number of channels a network takes, and to floating point. Depends on raster.ts,
 * buffer-pool.ts and judge.ts.
 */

import { type ChannelOption, channelFault, FaultyFile } from '../judge/judge.js';
import { allocate, type Raster } from '../raster.js';
import { freshBuffer } from './buffer-pool.js';

/** What becomes of transparency where the network does not take it: dropped, or the image laid on white. */
export type AlphaMode = 'drop' | 'white';

/** An image with the channels the network takes (or one, to be replicated), and a sentence when something was lost. */
export interface MatchedImage {
  readonly raster: Raster;
  readonly notice?: string;
}

/**
 * Bring an image to `wanted` channels. Grey serves any number (it is replicated when packed); alpha is removed as
 * `alpha` says unless the network takes it. Colour is never turned to grey by itself.
 *
 * Throws a {@link UserError} that names the file and `option` when the channels do not fit.
 */
export function matchChannels(
  image: Raster,
  wanted: number,
  alpha: AlphaMode,
  file: string,
  option: ChannelOption,
): MatchedImage {
  if (image.channels === wanted) return { raster: image };
  const fault = channelFault(image, wanted, option);
  if (fault !== undefined) throw new FaultyFile('fitting an image to the network', file, fault);
  const raster = image.alpha ? withoutAlpha(image, alpha) : image;
  if (!image.alpha || alpha === 'white' || isOpaque(image)) return { raster };
  return { raster, notice: 'some images have transparent pixels; their transparency is ignored' };
}

/** Remove the alpha channel, laying the image on white first when asked to. */
export function withoutAlpha(image: Raster, mode: AlphaMode): Raster {
  const { width, height, depth, data } = image;
  const channels = image.channels - 1;
  const full = fullScale(image);
  const pixels = width * height;
  const out = allocate(depth, pixels * channels);
  for (let i = 0; i < pixels; i++) {
    const from = i * image.channels;
    const opacity = mode === 'white' ? data[from + channels]! / full : 1;
    for (let c = 0; c < channels; c++) {
      const value = data[from + c]!;
      const laid = opacity === 1 ? value : value * opacity + full * (1 - opacity);
      out[i * channels + c] = depth === 'float32' ? laid : Math.round(laid);
    }
  }
  return { width, height, channels, alpha: false, depth, data: out };
}

/**
 * Pack an image as (C, H, W) float32 in [-1, 1]: v/full scale, minus 0.5, divided by 0.5, each step rounded to
 * float32, exactly as torchvision's `ToTensor` and `Normalize(0.5, 0.5)`. A one-channel image fills all channels.
 */
export function packImage(image: Raster, channels: number, flip: boolean, allocate = freshBuffer): Float32Array {
  const plane = image.height * image.width;
  const out = new Float32Array(allocate(4 * channels * plane));
  const table = normaliseTable(image);
  if (image.channels === 3 && channels === 3 && table !== undefined) packRgb(image, table, flip, out);
  else packPlanes(image, Math.min(channels, image.channels), table, flip, out);
  for (let c = image.channels; c < channels; c++) out.copyWithin(c * plane, 0, plane);
  return out;
}

/** All three planes in one pass over the pixels: twice as fast as a pass each. */
function packRgb({ width, height, data }: Raster, table: Float32Array, flip: boolean, out: Float32Array): void {
  const plane = height * width;
  const step = flip ? -3 : 3;
  for (let y = 0; y < height; y++) {
    const end = (y + 1) * width;
    let from = (y * width + (flip ? width - 1 : 0)) * 3;
    for (let to = y * width; to < end; to++, from += step) {
      out[to] = table[data[from]!]!;
      out[to + plane] = table[data[from + 1]!]!;
      out[to + 2 * plane] = table[data[from + 2]!]!;
    }
  }
}

function packPlanes(
  image: Raster,
  planes: number,
  table: Float32Array | undefined,
  flip: boolean,
  out: Float32Array,
): void {
  const { width, height, channels, data } = image;
  const step = flip ? -channels : channels;
  for (let c = 0; c < planes; c++) {
    for (let y = 0; y < height; y++) {
      const to = (c * height + y) * width;
      let from = (y * width + (flip ? width - 1 : 0)) * channels + c;
      for (let x = 0; x < width; x++, from += step) {
        const value = data[from]!;
        out[to + x] = table === undefined ? normalise(value, 1) : table[value]!;
      }
    }
  }
}

function normalise(value: number, full: number): number {
  return Math.fround(Math.fround(Math.fround(value / full) - 0.5) / 0.5);
}

let table8: Float32Array | undefined;
let table16: Float32Array | undefined;

/** All normalised values of an integer depth: looking one up is several times faster than three roundings. */
function normaliseTable({ depth }: Raster): Float32Array | undefined {
  if (depth === 'uint8') return (table8 ??= Float32Array.from({ length: 256 }, (_, v) => normalise(v, 255)));
  if (depth === 'uint16') return (table16 ??= Float32Array.from({ length: 65536 }, (_, v) => normalise(v, 65535)));
  return undefined;
}

function isOpaque(image: Raster): boolean {
  const full = fullScale(image);
  for (let i = image.channels - 1; i < image.data.length; i += image.channels) {
    if (image.data[i] !== full) return false;
  }
  return true;
}

function fullScale({ depth }: Raster): number {
  if (depth === 'uint8') return 255;
  return depth === 'uint16' ? 65535 : 1;
}
