/**
 * Whether a file can hold as many pixels as its header claims: a damaged or hostile one of a kilobyte may claim gigabytes,
 * which the decoder would ask the system for before it finds out. Depends on nothing.
 *
 * A file within the bound is decoded, and takes the memory of its pixels. A WebP has no bound but its own, 16383 pixels a
 * side: one colour all over takes it next to nothing.
 */

/** What a header claims. */
export interface ClaimedPicture {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Stored channels: one where pixels are indices into a palette. */
  readonly channels: number;
  /** Bits of a channel as they are stored; undefined where that is not known. */
  readonly bits: number | undefined;
}

/** Deflate packs at most 258 bytes into two bits: 1032 to 1. Of 100 million black pixels sharp makes 1027 to 1. */
const deflateRatio = 1032;
/** TIFF's LZW comes to some 1400 to 1 in the end, JPEG to 512. */
const otherRatio = 1500;
/** An empty fax page (TIFF, CCITT) takes a bit a row, however long that is. */
const otherBytes = 64 * 2 ** 20;

/** @param size of the file in bytes. @throws Error where so small a file cannot hold the picture. */
export function expectPlausible({ format, width, height, channels, bits }: ClaimedPicture, size: number): void {
  if (format === 'webp') return;
  const rows = height * Math.ceil((width * channels * (bits ?? 1)) / 8);
  const possible = format === 'png' ? deflateRatio * size : otherRatio * size + otherBytes;
  if (rows > possible)
    throw new Error(`its header claims ${width}×${height} pixels, more than a file of ${size} bytes can hold`);
}
