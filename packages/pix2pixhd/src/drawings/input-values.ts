/**
 * How the pixels that a page draws stand to the values of image files: which are drawn as values of their own, how a file becomes a
 * drawing, and what the generator is given of one. Depends on the data module.
 */
import type { DrawnValues } from '@pix2pixhd/editor/session';
import { decodeImage, decodeStored } from '../data/decode/decode.js';
import { readHeader } from '../data/files/header.js';
import { type ImageFile, nameOf } from '../data/files/image-file.js';
import { resizeBicubic } from '../data/resize/resize.js';
import { depthOf, spread, surveyValues } from '../data/survey/survey.js';
import { FaultyFile } from '../data/validate/fault.js';
import { channelFault, valueFault } from '../data/validate/images.js';
import type { FixedRange, ValueRange } from '../data/values/range.js';
import { UserError } from '../errors.js';
import type { Raster, StoredArray } from '../raster.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

const option = '--input-range';

/**
 * Decides what is drawn: with one channel values, where the network has a range, or files hold more than 8 bits.
 *
 * @param files inputs that a drawing may begin with; they tell the depth, and where each frame has a range of its own one for all.
 *   Those that cannot be read tell nothing.
 */
export async function inputValues(range: ValueRange, channels: number, files: readonly string[]): Promise<DrawnValues> {
  const readable = await readableOf(spread(files, mostRead));
  const depth = readable.length === 0 ? '8' : await depthOf(readable);
  const values = channels === 1 ? await drawnRange(range, depth, readable) : null;
  return { range, depth, values };
}

/** Files that are looked at: their values only say how drawings are shown. */
const mostRead = 32;

async function readableOf(files: readonly string[]): Promise<string[]> {
  const read = await Promise.all(
    files.map(async file => {
      try {
        await readHeader(file);
        return [file];
      } catch (error) {
        if (error instanceof UserError) return [];
        throw error;
      }
    }),
  );
  return read.flat();
}

async function drawnRange(
  range: ValueRange,
  depth: DrawnValues['depth'],
  files: readonly string[],
): Promise<FixedRange | null> {
  if (typeof range === 'object') return range;
  if (depth === '8') return null;
  const full = { low: 0, high: depth === '16' ? 65535 : 1 };
  if (range === 'full') return full;
  try {
    return (await surveyValues(files)).range;
  } catch (error) {
    // A file whose header alone can be read.
    if (error instanceof UserError) return full;
    throw error;
  }
}

/**
 * A file's own values, of one channel.
 *
 * @param sizeOf the size that it is brought to.
 * @throws UserError naming the file where it has colours, or cannot be read.
 */
export async function readValues(
  file: ImageFile,
  { range }: DrawnValues,
  sizeOf: (image: Size) => Size,
): Promise<Raster<Float32Array>> {
  const stored = await decodeStored(file, undefined, { range, option });
  const wrong = channelFault(stored, 1, '--input-nc') ?? valueFault(stored, undefined);
  if (wrong !== undefined) throw new FaultyFile('reading a drawing', nameOf(file), wrong);
  const { width, height } = stored;
  const data = firstChannel(stored.data, stored.channels);
  // As for training: 16 bits in the full range stay whole numbers when they are resized, all others do not.
  const whole = range === 'full' && data instanceof Uint16Array;
  const plane = { width, height, channels: 1, data: whole ? data : Float32Array.from(data) };
  const size = sizeOf(plane);
  return { ...size, channels: 1, data: Float32Array.from(resizeBicubic(plane, size.width, size.height).data) };
}

/** Red, green and blue of a file as they are shown, 8 bits each: of more the upper 8, or what lies in the range. */
export async function readColours(
  file: ImageFile,
  inputs: DrawnValues,
  sizeOf: (image: Size) => Size,
): Promise<Raster<Uint8Array>> {
  const raster = await decodeImage(file, undefined, { range: shownRange(inputs), option });
  const { width, height } = sizeOf(raster);
  const { channels, data } = resizeBicubic(raster, width, height);
  const scale = data instanceof Uint16Array ? 1 / 257 : data instanceof Float32Array ? 255 : 1;
  const colour = channels >= 3;
  const bytes = new Uint8ClampedArray(3 * width * height);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Math.round(data[Math.floor(i / 3) * channels + (colour ? i % 3 : 0)]! * scale);
  return { width, height, channels: 3, data: new Uint8Array(bytes.buffer) };
}

/** A range that each frame has of its own is found again in what is drawn: equalised twice would be another picture. */
function shownRange({ range, depth }: DrawnValues): ValueRange {
  if (typeof range === 'object') return range;
  return range === 'full' || depth === '8' ? 'full' : 'per-frame';
}

function firstChannel<A extends StoredArray>(data: A, channels: number): A {
  return channels === 1 ? data : (data.filter((_, i) => i % channels === 0) as A);
}
