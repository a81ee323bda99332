/** The images that evaluation and report work on: 8 bits, no alpha. Depends on nothing. */

/** An 8-bit image in memory; a `Raster` of the data module with depth `uint8` and no alpha is one. */
export interface Image8 {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for RGB. */
  readonly channels: number;
  /** (H, W, C), row-major, channels interleaved, 0…255. */
  readonly data: Uint8Array;
}

/**
 * Throws where two images cannot be compared pixel by pixel: a mistake of the caller, who resizes or pairs them.
 *
 * @throws RangeError where sizes or channels differ, or the data is not as long as they say.
 */
export function assertComparable(a: Image8, b: Image8): void {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) {
    throw new RangeError(`images to be compared differ: ${describe(a)} and ${describe(b)}`);
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
