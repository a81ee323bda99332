/** How a file stores its pixels, by its container's own header. Depends on nothing. */

/** The most that deflate compresses: 258 bytes in two bits. */
export const DEFLATE_EXPANSION = 1032;

/**
 * What PNG's IHDR or TIFF's tags say of the stored samples. An image decoder returns something else: it scales
 * samples of 1, 2 and 4 bits to 8, looks palettes up and turns a transparent colour into a channel.
 */
export interface StoredSamples {
  /** Bits of a sample: 1, 2, 4, 8, 16, 32 and whatever else a TIFF holds. */
  readonly bits: number;
  readonly kind: 'unsigned' | 'signed' | 'float' | 'complex';
  /** Samples per pixel. */
  readonly samples: number;
  /** The one sample is an index into a table of colours. */
  readonly palette: boolean;
  /** A grey whose white is 0: viewers show the values reversed. */
  readonly reversed: boolean;
  /** The last sample is alpha. A further band of a TIFF is not, unless its ExtraSamples tag says so. */
  readonly alpha: boolean;
  /** The compression, where it is one that changes values, such as JPEG; `undefined` where it is lossless. */
  readonly lossy: string | undefined;
  /** The most bytes of samples that one byte of the file can become. */
  readonly expansion: number;
}
