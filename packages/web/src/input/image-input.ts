/**
 * What a program may give as an image or a map, and pixels as arrays. No DOM types: what a page has is described by what it can
 * do, so that programs for Node need no types of browsers. Depends on nothing.
 */

/** Pixels in memory; what a canvas calls `ImageData` is one. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Values per pixel. Left out: as many as `data` has. Of two and of four the last is alpha. */
  readonly channels?: number;
  /**
   * (H, W, C), row-major, channels interleaved. Images: 8 bits (0…255), 16 bits (0…65535), or floating point in [0, 1]; of networks
   * whose values have a range of their own, in its unit. Maps of ids: the ids, in any of the integer types.
   */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array | Int32Array | Float32Array;
}

/** A `<canvas>` or an `OffscreenCanvas`. */
export interface CanvasLike {
  readonly width: number;
  readonly height: number;
  /** Its 2d context. */
  getContext(kind: '2d'): unknown;
}

/** An `ImageBitmap`, `<img>` or `<video>`: a picture that only a canvas can read. */
export type PictureLike =
  | { readonly width: number; readonly height: number; readonly close: () => void }
  | { readonly naturalWidth: number; readonly naturalHeight: number }
  | { readonly videoWidth: number; readonly videoHeight: number };

/**
 * An image or a map: the address of a file (in Node also its path), its bytes (`Uint8Array`, `ArrayBuffer`, `Blob`, `File`),
 * pixels (`ImageData`, typed arrays), a canvas; an image also as `ImageBitmap`, `<img>` or `<video>`. Label maps and instance maps
 * must hold ids, not colours; as files they are PNG, whose values are read as they are stored.
 */
export type ImageInput = string | URL | Uint8Array | ArrayBuffer | Blob | Pixels | CanvasLike | PictureLike;

/** Values of pixels. */
export type PixelArray = Uint8Array | Uint16Array | Int32Array | Float32Array;

/** Pixels in their one form inside. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Values per pixel, alpha included: of two and of four the last. */
  readonly channels: number;
  /** (H, W, C). */
  readonly data: PixelArray;
}

/** Whether an input is a picture that only a canvas can read. */
export function isPicture(input: object): input is PictureLike {
  return 'close' in input || 'naturalWidth' in input || 'videoWidth' in input;
}

/** Whether an input is a canvas. */
export function isCanvas(input: object): input is CanvasLike {
  return 'getContext' in input;
}

/**
 * Pixels as a raster, without a copy.
 * @param name what errors call them.
 * @throws TypeError where they are none, or `data` does not have width × height × channels values.
 */
export function rasterOf(pixels: Pixels, name: string): Raster {
  const { width, height, data } = (pixels ?? {}) as Partial<Pixels>;
  if (!isSide(width) || !isSide(height) || !isPixelData(data))
    throw new TypeError(
      `${name}: expected a path or address, the bytes of an image file, { width, height, data } or a canvas, found ${describe(pixels)}`,
    );
  const channels = pixels.channels ?? data.length / (width * height);
  if (!isSide(channels) || data.length !== width * height * channels)
    throw new TypeError(
      `${name}: ${data.length} values are not ${width} × ${height} pixels${pixels.channels === undefined ? '' : ` of ${channels} channels`}`,
    );
  const values = data instanceof Uint8ClampedArray ? new Uint8Array(data.buffer, data.byteOffset, data.length) : data;
  return { width, height, channels, data: values };
}

function isSide(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isPixelData(data: unknown): data is Pixels['data'] {
  return [Uint8Array, Uint8ClampedArray, Uint16Array, Int32Array, Float32Array].some(kind => data instanceof kind);
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  return `an object with ${Object.keys(value).join(', ') || 'no properties'}`;
}
