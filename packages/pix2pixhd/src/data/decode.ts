/**
 * Files to pictures, values untouched: no gamma, no colour profile, no change of bit depth or channel count.
 * Depends on sharp (PNG, JPEG, WebP, TIFF) and, for the indices of palette PNGs, on fast-png.
 *
 * An EXIF orientation is not applied, as Pillow's `Image.open` does not: the maps drawn over the stored pixels would
 * no longer lie over them. `check` points such photographs out.
 */
import { access, constants, readFile, stat } from 'node:fs/promises';
import { decode as decodePng } from 'fast-png';
import sharp from 'sharp';
import { UserError } from '../errors.js';
import { expectPlausible } from './plausible.js';
import type { Depth, IdArray, IdMap, Raster } from './raster.js';

// Every file is read once an epoch at most, so libvips' operation cache only costs memory.
sharp.cache(false);

/** What a file's header says, read without decoding the pixels. */
export interface ImageHeader {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly alpha: boolean;
  /** libvips' storage type: `uchar`, `ushort`, `float`, `int`, … */
  readonly storage: string;
  /** A PNG whose pixels are indices into a palette. */
  readonly palette: boolean;
  /** EXIF orientation, 1 when absent. */
  readonly orientation: number;
  /** libvips' colour space: `b-w`, `grey16`, `srgb`, `rgb16`, `cmyk`, `multiband`, … */
  readonly space: string;
}

/** Read the header of an image file. Throws a {@link UserError} that names the file when it cannot be read. */
export async function readHeader(path: string): Promise<ImageHeader> {
  return headerOf(path, 'reading the header of an image');
}

/**
 * Decode an image. 8-bit, 16-bit and floating point stay what they are, one channel stays one channel; a palette is
 * looked up (to RGB, or RGBA where it has transparency); alpha is kept as the last channel.
 *
 * Throws a {@link UserError} that names the file when it is missing, truncated, damaged or CMYK.
 */
export async function decodeImage(path: string): Promise<Raster> {
  const doing = 'decoding an image';
  const header = await headerOf(path, doing);
  if (header.space === 'cmyk') {
    throw new UserError({
      doing,
      where: path,
      found: 'a CMYK image, made for print',
      expected: 'grey or RGB',
      remedy: 'convert it to RGB with an image editor',
    });
  }
  const depth = depthOf(header.storage);
  if (depth === undefined) {
    throw new UserError({
      doing,
      where: path,
      found: `pixels stored as ${header.storage}`,
      expected: '8-bit, 16-bit or 32-bit floating-point pixels',
      remedy: 'save the image with one of these depths',
    });
  }
  const { data, channels } = await rawPixels(path, header, doing);
  const { width, height, alpha } = header;
  return { width, height, channels, alpha, depth, data: typed(data, depth) };
}

/**
 * Decode a label map: one class id a pixel, from an 8- or 16-bit one-channel PNG or TIFF, or from a palette PNG, whose
 * indices (not colours) are the ids.
 *
 * Throws a {@link UserError} that names the file when it is unreadable or not a map of ids.
 */
export function decodeLabelMap(path: string): Promise<IdMap> {
  return decodeIdMap(path, 'label map');
}

/** Decode an instance map. As {@link decodeLabelMap}; 32-bit integer TIFF is read as well. */
export function decodeInstanceMap(path: string): Promise<IdMap> {
  return decodeIdMap(path, 'instance map');
}

async function decodeIdMap(path: string, kind: 'label map' | 'instance map'): Promise<IdMap> {
  const doing = `decoding the ${kind}`;
  const header = await headerOf(path, doing);
  const problem = idMapProblem(header);
  if (problem !== undefined) throw new UserError({ doing, where: path, ...problem });
  const { width, height } = header;
  if (header.palette) return { width, height, data: await paletteIndices(path, doing) };
  const { data } = await rawPixels(path, header, doing);
  return { width, height, data: ids(data, header.storage) };
}

/**
 * Why a file cannot be a map of ids, from its header alone; `undefined` when it can be.
 */
export function idMapProblem(
  header: ImageHeader,
): { readonly found: string; readonly expected: string; readonly remedy: string } | undefined {
  const expected = 'a PNG or TIFF of one channel whose pixel values are the ids (8-bit, 16-bit or palette)';
  if (header.format !== 'png' && header.format !== 'tiff') {
    return {
      found: `a ${header.format.toUpperCase()} file, a format that changes pixel values or stores colours`,
      expected,
      remedy: 'export the ids again as PNG; do not convert this file, its ids are already changed',
    };
  }
  if (!header.palette && header.channels !== 1) {
    return {
      found: `an image of ${header.channels} channels${header.alpha ? ' (one of them alpha)' : ''}: colours, not ids`,
      expected,
      remedy: 'replace every colour by its id and save one grey channel (in Cityscapes: use *_labelIds, *_instanceIds)',
    };
  }
  if (
    header.palette ? header.format !== 'png' : !['uchar', 'ushort', 'int', 'uint', 'short'].includes(header.storage)
  ) {
    return {
      found: `pixels stored as ${header.palette ? 'a TIFF palette' : header.storage}`,
      expected,
      remedy: 'save the ids as a 16-bit grey PNG',
    };
  }
  return undefined;
}

/** Does something with a file that fails only where the file is missing or closed to us. */
async function reading<T>(path: string, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new UserError(
      { doing, where: path, found: reason(cause), remedy: 'restore the file, or remove its partners too' },
      { cause },
    );
  }
}

async function headerOf(path: string, doing: string): Promise<ImageHeader> {
  try {
    // By its path, so that libvips reads the beginning alone: before training this is done for every file of a data set.
    const meta = await sharp(path, { limitInputPixels: false }).metadata();
    const stored = { ...meta, channels: meta.isPalette ? 1 : meta.channels, bits: meta.bitsPerSample };
    expectPlausible(stored, (await stat(path)).size);
    return {
      format: meta.format,
      width: meta.width,
      height: meta.height,
      channels: meta.channels,
      alpha: meta.hasAlpha,
      storage: meta.depth,
      palette: meta.isPalette,
      orientation: meta.orientation ?? 1,
      space: meta.space,
    };
  } catch (cause) {
    await reading(path, doing, () => access(path, constants.R_OK));
    const { size } = await stat(path);
    throw damaged(path, doing, size === 0 ? new Error('an empty file') : cause);
  }
}

/** The stored pixels, alpha included, in the file's own depth. */
async function rawPixels(
  path: string,
  header: ImageHeader,
  doing: string,
): Promise<{ data: Buffer; channels: number }> {
  // Asking for the colour space the file already has keeps libvips from converting everything to 8-bit sRGB. It drops
  // the alpha of a grey image though, so that goes through RGB, whose first channel is the grey value unchanged.
  const greyAlpha = header.alpha && header.channels === 2;
  const wide = header.storage === 'ushort';
  const space = greyAlpha ? (wide ? 'rgb16' : 'srgb') : header.space;
  try {
    // Sequentially, from top to bottom: the file need not be in memory whole, nor the picture twice.
    const options = { failOn: 'error', ignoreIcc: true, limitInputPixels: false, sequentialRead: true } as const;
    const pipeline = sharp(path, options).toColourspace(space);
    const raw = pipeline.raw({ depth: header.storage as 'uchar' });
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    if (info.width !== header.width || info.height !== header.height) throw new Error('the file changed meanwhile');
    if (greyAlpha) return { data: firstAndLast(data, info.channels, wide ? 2 : 1), channels: 2 };
    return { data, channels: info.channels };
  } catch (cause) {
    throw damaged(path, doing, cause);
  }
}

/** Keep the first and the last of `channels` interleaved values of `size` bytes. */
function firstAndLast(data: Buffer, channels: number, size: number): Buffer {
  const pixels = data.length / (channels * size);
  const out = Buffer.alloc(pixels * 2 * size);
  for (let i = 0; i < pixels; i++) {
    const from = i * channels * size;
    data.copy(out, i * 2 * size, from, from + size);
    data.copy(out, (i * 2 + 1) * size, from + (channels - 1) * size, from + channels * size);
  }
  return out;
}

async function paletteIndices(path: string, doing: string): Promise<Uint8Array> {
  const bytes = await reading(path, doing, () => readFile(path));
  // Byte 28 of a PNG is the interlace method, byte 24 the bit depth (PNG specification, IHDR).
  if (bytes[28] === 1 && bytes[24]! < 8) {
    throw new UserError({
      doing,
      where: path,
      found: `an interlaced palette PNG of ${bytes[24]} bits`,
      expected: 'a palette PNG that is not interlaced, or of 8 bits',
      remedy: 'save it without interlacing',
    });
  }
  try {
    const png = decodePng(bytes, { checkCrc: true });
    return png.depth === 8 ? new Uint8Array(png.data) : unpack(png.data, png.width, png.height, png.depth);
  } catch (cause) {
    throw damaged(path, doing, cause);
  }
}

/** Indices of 1, 2 or 4 bits, most significant first, each row starting on a byte. */
function unpack(packed: ArrayLike<number>, width: number, height: number, bits: number): Uint8Array {
  const rowBytes = Math.ceil((width * bits) / 8);
  const perByte = 8 / bits;
  const ids = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = packed[y * rowBytes + Math.floor(x / perByte)]!;
      ids[y * width + x] = (byte >> (8 - bits * ((x % perByte) + 1))) & ((1 << bits) - 1);
    }
  }
  return ids;
}

function depthOf(storage: string): Depth | undefined {
  if (storage === 'uchar') return 'uint8';
  if (storage === 'ushort') return 'uint16';
  return storage === 'float' ? 'float32' : undefined;
}

function typed(data: Buffer, depth: Depth): Raster['data'] {
  if (depth === 'uint8') return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const [buffer, offset] = aligned(data);
  return depth === 'uint16'
    ? new Uint16Array(buffer, offset, data.length / 2)
    : new Float32Array(buffer, offset, data.length / 4);
}

function ids(data: Buffer, storage: string): IdArray {
  if (storage === 'uchar') return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const [buffer, offset] = aligned(data);
  if (storage === 'ushort') return new Uint16Array(buffer, offset, data.length / 2);
  if (storage === 'short') return new Int32Array(new Int16Array(buffer, offset, data.length / 2));
  return new Int32Array(buffer, offset, data.length / 4);
}

/** A buffer of the same bytes whose elements of up to four bytes can be viewed, and where they begin. */
function aligned({ buffer, byteOffset, length }: Buffer): [ArrayBufferLike, number] {
  return byteOffset % 4 === 0 ? [buffer, byteOffset] : [buffer.slice(byteOffset, byteOffset + length), 0];
}

function damaged(path: string, doing: string, cause: unknown): UserError {
  return new UserError(
    {
      doing,
      where: path,
      found: `a file that cannot be decoded: truncated, damaged, or no image (${reason(cause)})`,
      expected: 'a complete PNG, JPEG, WebP or TIFF file',
      remedy: 'copy or download the file again',
    },
    { cause },
  );
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
}
