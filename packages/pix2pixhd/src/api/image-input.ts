/**
 * What a program may give as an image or a map, and its one form inside: a file, the bytes of one, or pixels, all of which
 * can be sent to a thread. Depends on sharp, the data module and raster.ts.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Sharp } from 'sharp';
import { type ImageFile, nameOf } from '../data/files/image-file.js';
import { UserError } from '../errors.js';
import type { PixelArray, Raster } from '../raster.js';

/** Pixels in memory; what a canvas calls `ImageData` is one. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Values per pixel. Left out: as many as `data` has. Of two and of four the last is alpha. */
  readonly channels?: number;
  /**
   * (H, W, C), row-major, channels interleaved. Images: 8 bits (0…255), 16 bits (0…65535), or floating point in [0, 1]. Maps of
   * ids: the ids, in any of the integer types.
   */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array | Int32Array | Float32Array;
}

/**
 * An image or a map: the path of a file; the bytes of one, as a `Buffer` or `Uint8Array`; pixels; or a sharp instance, which is
 * taken as its pipeline makes it, with 8 bits per channel. Label maps and instance maps must hold ids, not colours.
 */
export type ImageInput = string | URL | Uint8Array | Pixels | Sharp;

/** An {@link ImageInput} in a form that survives a structured clone. */
export type PlainInput = ImageFile | NamedPixels;

/** Pixels, and what errors call them. */
export interface NamedPixels {
  readonly name: string;
  readonly raster: Raster;
}

/**
 * Brings an input into its plain form.
 *
 * @param name what errors call an input that is not a file: `the label map`.
 * @throws UserError where a file does not exist; TypeError where it is none of the kinds, or pixels do not fit their size.
 */
export async function plainInput(input: ImageInput, name: string): Promise<PlainInput> {
  if (typeof input === 'string') return existing(input, name);
  if (input instanceof URL) return existing(fileURLToPath(input), name);
  if (input instanceof Uint8Array)
    return { name, bytes: Buffer.from(input.buffer, input.byteOffset, input.byteLength) };
  if (isSharp(input)) return { name, raster: await rendered(input) };
  return { name, raster: rasterOf(input, name) };
}

/** Whether a plain input holds pixels rather than a file. */
export function holdsPixels(input: PlainInput): input is NamedPixels {
  return typeof input !== 'string' && 'raster' in input;
}

/** What errors call an input. */
export function inputName(input: PlainInput): string {
  return holdsPixels(input) ? input.name : nameOf(input);
}

/**
 * Pixels as a raster, without a copy.
 * @throws TypeError where `data` does not have width × height × channels values.
 */
export function rasterOf(pixels: Pixels, name: string): Raster {
  const { width, height, data } = (pixels ?? {}) as Partial<Pixels>;
  if (!isSide(width) || !isSide(height) || !isPixelData(data))
    throw new TypeError(
      `${name}: expected a path, the bytes of an image file, { width, height, data } or a sharp instance, found ${describe(pixels)}`,
    );
  const channels = pixels.channels ?? data.length / (width * height);
  if (!isSide(channels) || data.length !== width * height * channels)
    throw new TypeError(
      `${name}: ${data.length} values are not ${width} × ${height} pixels${pixels.channels === undefined ? '' : ` of ${channels} channels`}`,
    );
  const values: PixelArray =
    data instanceof Uint8ClampedArray ? new Uint8Array(data.buffer, data.byteOffset, data.length) : data;
  return { width, height, channels, alpha: channels === 2 || channels === 4, data: values };
}

function existing(path: string, name: string): string {
  if (existsSync(path)) return path;
  throw new UserError({
    code: 'FILE_NOT_FOUND',
    doing: `reading ${name}`,
    where: path,
    found: 'no such file',
    expected: 'an image file',
    remedy: 'check the path; relative paths begin at the working directory of the process',
  });
}

async function rendered(image: Sharp): Promise<Raster> {
  const { data, info } = await image.clone().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { width, height, channels, alpha: channels === 2 || channels === 4, data: new Uint8Array(data) };
}

/** By what it can do: an instance may come from another copy of sharp. */
function isSharp(input: object): input is Sharp {
  return 'clone' in input && 'raw' in input && 'toBuffer' in input;
}

function isSide(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isPixelData(data: unknown): data is Pixels['data'] {
  const kinds = [Uint8Array, Uint8ClampedArray, Uint16Array, Int32Array, Float32Array];
  return kinds.some(kind => data instanceof kind);
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  return `an object with ${Object.keys(value).join(', ') || 'no properties'}`;
}
