/** Checks that two images can be compared. Depends on raster.ts for types. */
import type { Image8 } from '../raster.js';

/**
 * Throws if two images cannot be compared pixel by pixel: a bug in the caller, which resizes and pairs them.
 *
 * @throws RangeError if sizes or channels differ, or the data does not have the length they give.
 */
export function assertComparable(a: Image8, b: Image8): void {
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

function describe({ width, height, channels }: Image8): string {
  return `${width}×${height}×${channels}`;
}
