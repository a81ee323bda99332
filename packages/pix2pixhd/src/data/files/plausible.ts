/**
 * Whether a file can hold as many pixels as its header claims: a damaged or hostile one of a kilobyte may claim gigabytes,
 * which the decoder would allocate before it finds out. Depends on nothing.
 *
 * A file within the bound is decoded, and takes the memory of its pixels. A WebP has no bound but its own, 16383 pixels a
 * side: one colour all over costs it almost nothing.
 */

/** What a header claims. */
export interface ClaimedImage {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Stored channels: one where pixels are indices into a palette. */
  readonly channels: number;
  /** Bits per channel as they are stored; undefined where that is not known. */
  readonly bits: number | undefined;
  /** How many bytes of samples a byte of the file can stand for at most; undefined or infinite where that is not known. */
  readonly expansion: number | undefined;
}

/** JPEG comes to 512 to 1, GIF to some 1400. */
const otherRatio = 1500;
/** An empty fax page (TIFF, CCITT) takes a bit a row, however long that is. */
const otherBytes = 64 * 2 ** 20;

/** @param size of the file in bytes. @throws Error where so small a file cannot hold the image. */
export function expectPlausible(
  { format, width, height, channels, bits, expansion }: ClaimedImage,
  size: number,
): void {
  if (format === 'webp') return;
  const rows = height * Math.ceil((width * channels * (bits ?? 1)) / 8);
  const known = expansion !== undefined && Number.isFinite(expansion);
  const possible = known ? expansion * size : otherRatio * size + otherBytes;
  if (rows > possible)
    throw new Error(`its header claims ${width}×${height} pixels, more than a file of ${size} bytes can hold`);
}
