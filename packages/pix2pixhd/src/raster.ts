/**
 * Pixels in memory: the one family of image types, for files that were read, networks' results and what is compared or
 * shown. Also cropping and mirroring, which move pixels without changing them, and what a batch's planes look like. Depends on nothing.
 */

/** Values of an image: of 8 bits (0…255), 16 bits (0…65535), or floating point, taken to span [0, 1]. */
export type ImageArray = Uint8Array | Uint16Array | Float32Array;

/** Ids, in a type as narrow as the file they come from: a map of 2048×1024 labels is 2 MiB of bytes, 8 MiB as integers. */
export type IdArray = Uint8Array | Uint16Array | Int32Array;

/** Every array that holds pixels which the program works with. */
export type PixelArray = ImageArray | IdArray;

/** Every type in which files store values. */
export type StoredArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Pixels in memory. */
export interface Raster<Values extends PixelArray | StoredArray = PixelArray> {
  readonly width: number;
  readonly height: number;
  /** Number of values per pixel, alpha included. */
  readonly channels: number;
  /** Whether the last channel is alpha; default false. */
  readonly alpha?: boolean;
  /** (H, W, C), row-major, channels interleaved. */
  readonly data: Values;
}

/** An image as its file stores it, whatever the type. */
export type StoredRaster = Raster<StoredArray>;

/** An image with black and white. */
export type ImageRaster = Raster<ImageArray>;

/** An 8-bit image, 0…255: what networks' results become, and what is compared, shown and saved. */
export type Image8 = Raster<Uint8Array>;

/** What a generator makes: values in the depth and unit of the images that it was trained on, and what black and white are in it. */
export interface SynthesizedImage extends ImageRaster {
  readonly black: number;
  readonly white: number;
}

/** A label map or an instance map: one integer id per pixel. */
export interface IdMap extends Raster<IdArray> {
  readonly channels: 1;
}

/** A rectangle in pixels, its origin at the top left. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An array of zeros, of the same kind as another. */
export function zerosLike<Values extends PixelArray | StoredArray>(like: Values, length: number): Values;
export function zerosLike(like: PixelArray | StoredArray, length: number): PixelArray | StoredArray {
  // Not by its constructor: it may be a Buffer.
  if (like instanceof Uint8Array) return new Uint8Array(length);
  return new (like.constructor as new (length: number) => StoredArray)(length);
}

/**
 * Cut a box out of an image or a map. A box of the image's own size returns the image itself.
 *
 * @throws RangeError where the box does not lie inside.
 */
export function crop<R extends Raster | StoredRaster>(raster: R, box: Box): R {
  if (coversAll(raster, box)) return raster;
  const { channels } = raster;
  const data = zerosLike(raster.data, box.width * box.height * channels);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.y + y) * raster.width + box.x) * channels;
    data.set(raster.data.subarray(from, from + box.width * channels), y * box.width * channels);
  }
  return { ...raster, width: box.width, height: box.height, data };
}

/** A copy of an id map mirrored left to right. */
export function mirror(map: IdMap): IdMap {
  const { width, height } = map;
  const data = map.data.slice();
  for (let y = 0; y < height; y++) data.subarray(y * width, (y + 1) * width).reverse();
  return { ...map, data };
}

/** An image of a type that files are written in: other whole numbers, and double precision, become floating point. */
export function writable(image: StoredRaster): ImageRaster {
  const { data } = image;
  const plain = data instanceof Uint8Array || data instanceof Uint16Array || data instanceof Float32Array;
  return plain ? (image as ImageRaster) : { ...image, data: Float32Array.from(data) };
}

function coversAll(size: { readonly width: number; readonly height: number }, box: Box): boolean {
  if (box.x < 0 || box.y < 0 || box.x + box.width > size.width || box.y + box.height > size.height) {
    throw new RangeError(
      `crop box ${box.width}×${box.height}+${box.x}+${box.y} leaves the ${size.width}×${size.height} image`,
    );
  }
  return box.width === size.width && box.height === size.height;
}

/** An image from black to white, to look at; itself where it has 8 bits already. */
export function imageToShow(image: SynthesizedImage): Image8 {
  const { width, height, channels, data, black, white } = image;
  if (data instanceof Uint8Array && black === 0 && white === 255) return { width, height, channels, data };
  // Clamped, and rounded to the nearest.
  const shown = Uint8ClampedArray.from(data, value => ((value - black) / (white - black)) * 255);
  return { width, height, channels, data: new Uint8Array(shown.buffer) };
}

/** Planes (channels, H, W) in [-1, 1], as batches have them, to interleaved 8 bits; what lies outside is cut off. */
export function image8Of(planes: Float32Array, channels: number, width: number, height: number): Image8 {
  const data = new Uint8ClampedArray(planes.length);
  const size = width * height;
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < size; i++) data[i * channels + c] = Math.round((planes[c * size + i]! + 1) * 127.5);
  return { width, height, channels, data: new Uint8Array(data.buffer) };
}
