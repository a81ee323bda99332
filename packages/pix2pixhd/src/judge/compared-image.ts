/** Files as metrics take them: on the scale from 0 to 255, without alpha, of one size and one number of channels. Depends on data. */
import { decodeImage } from '../data/decode/decode.js';
import { resizeBicubic } from '../data/resize/resize.js';
import type { FixedRange } from '../data/values/range.js';
import { UserError } from '../errors.js';
import { type ComparedImage, WHITE } from '../evaluation/comparable.js';
import type { ImageRaster } from '../raster.js';

/** To which size images are brought: none, that of the real image, or one for all. */
export type ResizeTo = 'none' | 'real' | { readonly width: number; readonly height: number };

/** How images are read. */
export interface Reading {
  readonly resize: ResizeTo;
  /** Black and white in the unit of the files; `full`: all that their type holds. */
  readonly range: 'full' | FixedRange;
}

/**
 * Reads an image. Values of 8 bits stay what they are; others become floating point on the same scale.
 * @throws UserError naming the file where it cannot be used.
 */
export async function readCompared(file: string, { range }: Reading): Promise<ComparedImage> {
  return onCommonScale(await decodeImage(file, undefined, { range, option: '--output-range' }));
}

function onCommonScale(image: ImageRaster): ComparedImage {
  const { width, height, data, channels, alpha } = withoutAlpha(image);
  const plain = { width, height, channels, ...(alpha === undefined ? {} : { alpha: false }) };
  if (data instanceof Uint8Array) return { ...plain, data };
  const unit = data instanceof Uint16Array ? WHITE / 65535 : WHITE;
  return { ...plain, data: Float32Array.from(data, value => value * unit) };
}

function withoutAlpha(image: ImageRaster): ImageRaster {
  if (image.alpha !== true) return image;
  const { channels, data } = image;
  return { ...image, alpha: false, channels: channels - 1, data: data.filter((_, i) => i % channels < channels - 1) };
}

/**
 * A result and a real image that can be compared: resized as asked for, and where one is grey and the other RGB, the grey one
 * three times.
 *
 * @throws UserError where sizes or channels differ.
 */
export function alike(
  result: ComparedImage,
  real: ComparedImage,
  { resize }: Reading,
  [resultFile, realFile]: readonly [string, string],
): [ComparedImage, ComparedImage] {
  const size = resize === 'none' || resize === 'real' ? real : resize;
  const [a, b] = [resize === 'none' ? result : resized(result, size), resize === 'none' ? real : resized(real, size)];
  if (a.width !== b.width || a.height !== b.height) throw differingSizes(resultFile, realFile, a, b);
  const channels = Math.max(a.channels, b.channels);
  const [first, second] = [a, b].map(image => (image.channels === 1 ? repeated(image, channels) : image));
  if (first!.channels === second!.channels) return [first!, second!];
  throw new UserError({
    code: 'WRONG_CHANNELS',
    doing: 'comparing a result with the real image',
    where: resultFile,
    found: `${a.channels} channels, where ${realFile} has ${b.channels}`,
    expected: 'as many, or one of both grey',
    remedy: 'convert the images',
  });
}

function resized(image: ComparedImage, { width, height }: { width: number; height: number }): ComparedImage {
  if (image.width === width && image.height === height) return image;
  const { data } = resizeBicubic(image, width, height);
  const { channels } = image;
  if (data instanceof Uint8Array) return { width, height, channels, data };
  // The filter overshoots at edges; integers were cut off already.
  return { width, height, channels, data: Float32Array.from(data, value => Math.min(WHITE, Math.max(0, value))) };
}

function repeated(image: ComparedImage, channels: number): ComparedImage {
  if (channels === 1) return image;
  const data = new (image.data instanceof Uint8Array ? Uint8Array : Float32Array)(image.data.length * channels);
  for (let i = 0; i < data.length; i++) data[i] = image.data[Math.floor(i / channels)]!;
  return { ...image, channels, data };
}

/** The error about sizes that differ, as {@link alike} throws it. */
export function differingSizes(
  resultFile: string,
  realFile: string,
  a: { readonly width: number; readonly height: number },
  b: { readonly width: number; readonly height: number },
  count = '',
): UserError {
  return new UserError({
    code: 'SIZE_MISMATCH',
    doing: 'comparing results with real images',
    where: resultFile,
    found: `${a.width}×${a.height}, where ${realFile} has ${b.width}×${b.height}${count}`,
    expected: 'the size of the real image',
    remedy:
      'give --resize real to bring results to the size of the real images, --resize WxH to bring both to one size, or generate at that size',
  });
}
