/**
 * `files/`: what an image file is by its name, its first bytes and its header, without decoding pixels. It imports no other
 * folder of data.
 *
 * This file reads headers. Depends on sharp, and on png.ts and tiff.ts beside it, since a
 * decoder does not always return what a file stores.
 */
import { accessSync, constants } from 'node:fs';
import { UserError } from '../../errors.js';
import { PNG_HEADER_BYTES } from '../../png.js';
import { READABLE_FORMATS_LISTED } from './extensions.js';
import { type ImageFile, nameOf, sharpInput, sizeOf, withParts } from './image-file.js';
import { isNpy, npyImage } from './npy.js';
import { openImage } from './open-image.js';
import { expectPlausible } from './plausible.js';
import { pngSamples } from './png.js';
import type { StoredSamples } from './stored-samples.js';
import { tiffSamples } from './tiff.js';

/** What a file's header says, read without decoding the pixels. */
export interface ImageHeader {
  readonly format: string;
  /** Width in pixels, orientation applied. */
  readonly width: number;
  /** Height in pixels, orientation applied. */
  readonly height: number;
  /** Channels of the decoded image: a palette has three or four, a transparent colour adds one. */
  readonly channels: number;
  /** Whether the file calls the last channel alpha. */
  readonly alpha: boolean;
  /** libvips' storage type: `uchar`, `ushort`, `float`, `int`, … */
  readonly storage: string;
  /** Pixels are indices into a palette. */
  readonly palette: boolean;
  /** EXIF orientation, 1 when absent. */
  readonly orientation: number;
  /** libvips' colour space: `b-w`, `grey16`, `srgb`, `rgb16`, `cmyk`, `multiband`, … */
  readonly space: string;
  /** Images in the file, of which the first is read: pages of a TIFF, frames of an animation. */
  readonly pages: number;
  /** What the file stores before it is decoded; PNG and TIFF only. */
  readonly stored?: StoredSamples;
}

/** Read the header of an image file. Throws a {@link UserError} that names the file when it cannot be read. */
export async function readHeader(file: ImageFile, doing = 'reading the header of an image'): Promise<ImageHeader> {
  let stored: StoredSamples | undefined;
  try {
    if (isNpy(file)) return headerOfNpy(file);
    stored = storedSamples(file);
    // A path by itself, so that libvips reads the beginning alone: before training this is done for every file of a data set.
    const meta = await openImage(sharpInput(file)).metadata();
    const { samples: channels, bits } = stored ?? { samples: meta.channels, bits: meta.bitsPerSample };
    expectPlausible({ ...meta, channels, bits, expansion: stored?.expansion }, sizeOf(file));
    const orientation = meta.orientation ?? 1;
    const [width, height] = swapsSides(orientation) ? [meta.height, meta.width] : [meta.width, meta.height];
    return {
      format: meta.format,
      width,
      height,
      channels: meta.channels,
      // A fourth or fifth band is alpha to libvips; to a TIFF only what it calls so.
      alpha: meta.format === 'tiff' && stored !== undefined ? stored.alpha : meta.hasAlpha,
      storage: meta.depth,
      palette: stored?.palette ?? false,
      orientation,
      space: meta.space,
      pages: meta.pages ?? 1,
      ...(stored && { stored }),
    };
  } catch (cause) {
    throw unreadable(file, doing, stored, cause);
  }
}

function headerOfNpy(file: ImageFile): ImageHeader {
  const { width, height, channels, storage, bits } = npyImage(file);
  expectPlausible({ format: 'npy', width, height, channels, bits, expansion: 1 }, sizeOf(file));
  const plain = { alpha: false, palette: false, orientation: 1, space: 'multiband', pages: 1 };
  return { format: 'npy', width, height, channels, storage, ...plain };
}

/** A storage type of libvips as a person calls it. */
export function storageInWords(storage: string): string {
  return storageNames.get(storage) ?? storage;
}

const storageNames: ReadonlyMap<string, string> = new Map([
  ['char', 'signed 8-bit integers'],
  ['short', 'signed 16-bit integers'],
  ['int', 'signed 32-bit integers'],
  ['uint', '32-bit integers'],
  ['float', 'floating point'],
  ['double', '64-bit floating point'],
]);

/** Whether an orientation (1 to 8) exchanges width and height. */
export function swapsSides(orientation: number): boolean {
  return orientation >= 5 && orientation <= 8;
}

/** The error for a file that cannot be decoded: it is damaged, or in a compression that libvips lacks. */
export function damaged(file: ImageFile, doing: string, cause: unknown): UserError {
  const where = nameOf(file);
  if (/compression support is not configured|codec/i.test(reason(cause))) {
    return new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing,
        where,
        found: `a TIFF in a compression that cannot be read (${reason(cause)})`,
        expected: 'deflate, LZW, PackBits, CCITT, JPEG or none',
        remedy: 'save the file again with one of these',
      },
      { cause },
    );
  }
  return new UserError(
    {
      code: 'FILE_UNREADABLE',
      doing,
      where,
      found: `a file that cannot be decoded: truncated, damaged, or not an image (${reason(cause)})`,
      expected: `a complete ${READABLE_FORMATS_LISTED} file`,
      remedy: 'copy or download the file again',
    },
    { cause },
  );
}

/** The first line of what went wrong. */
export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
}

function storedSamples(file: ImageFile): StoredSamples | undefined {
  return withParts(file, read => pngSamples(read(0, PNG_HEADER_BYTES)) ?? tiffSamples(read));
}

function unreadable(file: ImageFile, doing: string, stored: StoredSamples | undefined, cause: unknown): UserError {
  const where = nameOf(file);
  try {
    if (typeof file === 'string') accessSync(file, constants.R_OK);
    if (sizeOf(file) === 0) return damaged(file, doing, new Error('an empty file'));
  } catch (absent) {
    return new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing,
        where,
        found: reason(absent),
        remedy: 'restore the file, or remove its partners too',
      },
      { cause: absent },
    );
  }
  if (stored === undefined || [1, 2, 4, 8, 16, 32].includes(stored.bits)) return damaged(file, doing, cause);
  return new UserError(
    {
      code: 'FILE_UNREADABLE',
      doing,
      where,
      found: `pixels of ${stored.bits} bits${stored.kind === 'unsigned' ? '' : `, ${stored.kind}`}`,
      expected: '8-bit, 16-bit or 32-bit floating-point pixels',
      remedy: 'save the file with one of these depths',
    },
    { cause },
  );
}
