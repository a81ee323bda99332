/**
 * What differs between Node and browsers: files, decoding, canvases, workers. `#platform` is the one of the two that fits
 * (package.json, `imports`). Types only.
 */
import type { CanvasLike, PictureLike, Raster } from '../input/image-input.js';

/** The platform. */
export interface Platform {
  /** The path of a file, where that is what is meant; undefined for addresses. */
  pathOf(source: string | URL): string | undefined;
  /** An address in full. */
  addressOf(source: string | URL): string;
  /** @throws UserError where there is no such file, or no files at all. */
  readFile(path: string, name: string): Promise<Uint8Array>;
  /** @throws UserError where it cannot be written. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** Decodes an image other than PNG. @throws UserError */
  decodeImage(bytes: Uint8Array, name: string): Promise<Raster>;
  /** The pixels of a canvas or a picture, as red, green, blue and alpha. @throws UserError */
  pixelsOf(source: CanvasLike | PictureLike, name: string): Raster;
  /** An image file of pixels, as a browser's canvas makes it. @throws UserError */
  encodeImage(rgba: Uint8ClampedArray<ArrayBuffer>, width: number, type: string, quality?: number): Promise<Blob>;
  /** Whether this is the thread of a page, which must not be blocked. */
  readonly isPage: boolean;
  /** Starts worker.ts. @throws UserError where there are no workers. */
  startWorker(): Worker;
}
