/** Bringing an image to the number of channels a network takes. Depends on raster.ts and validate. */

import { type ImageRaster, zerosLike } from '../../raster.js';
import type { Sample } from '../find/pairs.js';
import { FaultyFile } from '../validate/fault.js';
import { type ChannelOption, channelFault } from '../validate/images.js';

/** What becomes of transparency where the network does not take it: dropped, or the image laid on white. */
export type AlphaMode = 'drop' | 'white';

/** An image with the channels the network takes (or one, to be replicated), and a sentence when something was lost. */
export interface MatchedImage {
  readonly raster: ImageRaster;
  readonly notice?: string;
}

/**
 * Bring an image to `wanted` channels. Grey serves any number (it is replicated when packed); alpha is removed as
 * `alpha` says unless the network takes it. Colour is never turned to grey by itself.
 *
 * Throws a {@link UserError} that names the file and `option` when the channels do not fit.
 */
export function matchChannels(
  image: ImageRaster,
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

/**
 * Several inputs as one image whose channels follow each other, without their alpha. Where they are stored in different types, all
 * become floating point in [0, 1].
 */
export function together(images: readonly ImageRaster[], { sources }: Pick<Sample, 'sources'>): ImageRaster {
  const plain = images.map(image => (image.alpha ? withoutAlpha(image, 'drop') : image));
  const [first] = plain;
  const alike = plain.every(({ data }) => data.constructor === first!.data.constructor);
  const parts = alike ? plain : plain.map(unitImage);
  const { width, height } = first!;
  const odd = plain.findIndex(image => image.width !== width || image.height !== height);
  if (odd >= 0) throw new Error(`${sources?.[odd]}: another size than ${sources?.[0]}`);
  const channels = parts.reduce((sum, part) => sum + part.channels, 0);
  const data = zerosLike(parts[0]!.data, width * height * channels);
  let offset = 0;
  for (const part of parts) {
    for (let i = 0; i < width * height; i++)
      for (let c = 0; c < part.channels; c++) data[i * channels + offset + c] = part.data[i * part.channels + c]!;
    offset += part.channels;
  }
  return { width, height, channels, alpha: false, data };
}

function unitImage(image: ImageRaster): ImageRaster {
  const full = fullScale(image);
  return { ...image, data: Float32Array.from(image.data, value => value / full) };
}

/** Remove the alpha channel, laying the image on white first when asked to. */
function withoutAlpha(image: ImageRaster, mode: AlphaMode): ImageRaster {
  const { width, height, data } = image;
  const channels = image.channels - 1;
  const full = fullScale(image);
  const pixels = width * height;
  const out = zerosLike(data, pixels * channels);
  for (let i = 0; i < pixels; i++) {
    const from = i * image.channels;
    const opacity = mode === 'white' ? data[from + channels]! / full : 1;
    for (let c = 0; c < channels; c++) {
      const value = data[from + c]!;
      const laid = opacity === 1 ? value : value * opacity + full * (1 - opacity);
      out[i * channels + c] = data instanceof Float32Array ? laid : Math.round(laid);
    }
  }
  return { width, height, channels, alpha: false, data: out };
}

function isOpaque(image: ImageRaster): boolean {
  const full = fullScale(image);
  for (let i = image.channels - 1; i < image.data.length; i += image.channels) {
    if (image.data[i] !== full) return false;
  }
  return true;
}

function fullScale({ data }: ImageRaster): number {
  if (data instanceof Uint8Array) return 255;
  return data instanceof Uint16Array ? 65535 : 1;
}
