/**
 * The two kinds of image the data module handles, images and id maps, and the operations that move pixels without
 * changing them. Depends on nothing.
 */

/** How one value of a {@link Raster} is stored. */
export type Depth = 'uint8' | 'uint16' | 'float32';

/** An image in memory: interleaved channels, values exactly as the file has them. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Number of values a pixel, alpha included. */
  readonly channels: number;
  /** True when the last channel is alpha. */
  readonly alpha: boolean;
  /** 8-bit values span 0…255, 16-bit 0…65535; floating point is taken to span [0, 1]. */
  readonly depth: Depth;
  /** (H, W, C), row-major; the array's type agrees with `depth`. */
  readonly data: Uint8Array | Uint16Array | Float32Array;
}

/** Ids, in a type as narrow as the file they come from: a map of 2048×1024 labels is 2 MiB of bytes, 8 MiB as integers. */
export type IdArray = Uint8Array | Uint16Array | Int32Array;

/** A label map or an instance map: one integer id a pixel. */
export interface IdMap {
  readonly width: number;
  readonly height: number;
  /** (H, W), row-major. */
  readonly data: IdArray;
}

/** The label value that belongs to no class, as in Cityscapes; unless there are so many classes that it is one. */
export const IGNORE_LABEL = 255;

/** A rectangle in pixels, its origin at the top left. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The element array of a raster of the given depth, filled with zeros. */
export function allocate(depth: Depth, length: number): Raster['data'] {
  if (depth === 'uint8') return new Uint8Array(length);
  return depth === 'uint16' ? new Uint16Array(length) : new Float32Array(length);
}

/** An array of zeros, of the same kind as another. */
export function allocateIds(like: IdArray, length: number): IdArray {
  if (like instanceof Uint8Array) return new Uint8Array(length);
  return like instanceof Uint16Array ? new Uint16Array(length) : new Int32Array(length);
}

/** Cut a box out of an image. The box must lie inside; a box of the image's own size returns the image itself. */
export function cropRaster(raster: Raster, box: Box): Raster {
  if (coversAll(raster, box)) return raster;
  const { channels, depth } = raster;
  const data = allocate(depth, box.width * box.height * channels);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.y + y) * raster.width + box.x) * channels;
    data.set(raster.data.subarray(from, from + box.width * channels), y * box.width * channels);
  }
  return { ...raster, width: box.width, height: box.height, data };
}

/** Cut a box out of an id map. As {@link cropRaster}. */
export function cropIdMap(map: IdMap, box: Box): IdMap {
  if (coversAll(map, box)) return map;
  const data = allocateIds(map.data, box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    const from = (box.y + y) * map.width + box.x;
    data.set(map.data.subarray(from, from + box.width), y * box.width);
  }
  return { width: box.width, height: box.height, data };
}

/** A copy of an id map mirrored left to right. */
export function flipIdMap(map: IdMap): IdMap {
  const { width, height } = map;
  const data = map.data.slice();
  for (let y = 0; y < height; y++) data.subarray(y * width, (y + 1) * width).reverse();
  return { width, height, data };
}

function coversAll(size: { width: number; height: number }, box: Box): boolean {
  if (box.x < 0 || box.y < 0 || box.x + box.width > size.width || box.y + box.height > size.height) {
    throw new RangeError(
      `crop box ${box.width}×${box.height}+${box.x}+${box.y} leaves the ${size.width}×${size.height} image`,
    );
  }
  return box.width === size.width && box.height === size.height;
}
