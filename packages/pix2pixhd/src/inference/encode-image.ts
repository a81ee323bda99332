/**
 * Results as files: in the depth and unit of the images that the network was trained on where the format can hold them.
 * Depends on sharp, torch's writer of .npy files and the output module.
 */
import { npyHeader } from '@pix2pixhd/torch/npy';
import type { Sharp } from 'sharp';
import { UserError } from '../errors.js';
import { markedPng, sealed, UNSEALED } from '../output/own-files.js';
import { encodePng, fitsPng, MOST_PNG_CHANNELS } from '../output/raster-file.js';
import { tiffOf } from '../output/tiff.js';
import { imageToShow, type SynthesizedImage } from '../raster.js';
import { toSharp } from '../sharp-image.js';
import type { OutputScale } from './to-images.js';

/** Kinds of files. JPEG and WebP are lossy and have 8 bits. */
export type FormatName = 'png' | 'tiff' | 'jpeg' | 'webp' | 'npy';

/** How results are written. */
export interface OutputFormat {
  readonly name: FormatName;
  readonly extension: string;
  /** Of the lossy formats, 1 to 100. */
  readonly quality: number;
}

const extensions: Readonly<Record<FormatName, string>> = {
  png: 'png',
  tiff: 'tif',
  jpeg: 'jpg',
  webp: 'webp',
  npy: 'npy',
};

/**
 * The format of a network's results.
 *
 * @param wanted `auto`: PNG, and TIFF for what a PNG cannot hold.
 * @throws UserError where the format cannot hold so many channels, or floating point.
 */
export function outputFormat(
  wanted: FormatName | 'auto',
  channels: number,
  depth: OutputScale['depth'],
  quality: number,
): OutputFormat {
  const fitsPng = channels <= MOST_PNG_CHANNELS && depth !== 'float';
  const name = wanted === 'auto' ? (fitsPng ? 'png' : 'tiff') : wanted;
  if ((name === 'png' && !fitsPng) || ((name === 'jpeg' || name === 'webp') && channels > MOST_PNG_CHANNELS))
    throw tooMuchFor(name, channels, depth);
  return { name, extension: extensions[name], quality };
}

/**
 * The file of a result.
 *
 * @throws UserError where the format cannot hold it.
 */
export async function encodeImage(image: SynthesizedImage, { name, quality }: OutputFormat): Promise<Buffer> {
  switch (name) {
    case 'png':
      if (!fitsPng(image)) throw tooMuchFor('png', image.channels, image.data instanceof Float32Array ? 'float' : '8');
      return markedPng(await encodePng(image));
    case 'tiff':
      return sealed(tiffOf(image, UNSEALED));
    case 'npy':
      return npyOf(image);
    case 'jpeg':
      return sealed(await tagged(image).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer());
    case 'webp':
      return sealed(await tagged(image).webp({ quality }).toBuffer());
  }
}

/** (H, W), or (H, W, C) where there are several channels. */
function npyOf({ width, height, channels, data }: SynthesizedImage): Buffer {
  const type = data instanceof Uint8Array ? '|u1' : data instanceof Uint16Array ? '<u2' : '<f4';
  const shape = channels === 1 ? [height, width] : [height, width, channels];
  return Buffer.concat([npyHeader(type, shape), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

function tagged(image: SynthesizedImage): Sharp {
  return toSharp(imageToShow(image)).withExif({ IFD0: { Software: UNSEALED } });
}

function tooMuchFor(name: FormatName, channels: number, depth: OutputScale['depth']): UserError {
  const found = depth === 'float' ? 'a network that makes floating point' : `a network that makes ${channels} channels`;
  return new UserError({
    code: 'WRONG_CHANNELS',
    doing: 'choosing how to write the generated images',
    found,
    expected: `what ${name === 'npy' ? 'NumPy' : name.toUpperCase()} can hold: at most ${MOST_PNG_CHANNELS} channels${name === 'png' ? ' of 8 or 16 bits' : ''}`,
    remedy: 'give --format tiff or --format npy, which hold any number of channels and floating point',
  });
}
