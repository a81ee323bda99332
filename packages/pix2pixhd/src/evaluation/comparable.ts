/** Images that are compared, and the check that they can be. Depends on raster.ts for types. */
import type { Raster } from '../raster.js';

/**
 * An image as metrics take it: black is 0 and white 255. Images of 8 bits are what their files hold; deeper ones are floating
 * point on the same scale, so that nothing is rounded.
 */
export type ComparedImage = Raster<Uint8Array | Float32Array>;

/** White of a {@link ComparedImage}. */
export const WHITE = 255;

/**
 * Throws if two images cannot be compared pixel by pixel: a bug in the caller, which resizes and pairs them.
 *
 * @throws RangeError if sizes or channels differ, or the data does not have the length they give.
 */
export function assertComparable(a: ComparedImage, b: ComparedImage): void {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) {
    throw new RangeError(`images to compare differ in size: ${describe(a)} and ${describe(b)}`);
  }
  for (const image of [a, b]) {
    const expected = image.width * image.height * image.channels;
    if (image.data.length !== expected || expected === 0) {
      throw new RangeError(`an image of ${describe(image)} has ${image.data.length} values`);
    }
  }
}

/** @throws RangeError where a side is shorter than a metric's least. */
export function assertSide({ title, leastSide }: { title: string; leastSide: number }, image: ComparedImage): void {
  const { width, height } = image;
  if (Math.min(width, height) < leastSide)
    throw new RangeError(`${title} needs at least ${leastSide}×${leastSide} pixels, found ${width}×${height}`);
}

function describe({ width, height, channels }: ComparedImage): string {
  return `${width}×${height}×${channels}`;
}
