/**
 * The instance boundary map (section 3.3, "Using instance maps"). Plain arrays: depends on nothing.
 */

/**
 * 1 where a pixel's instance differs from any of its 4 neighbours, on both sides of the border; 0 elsewhere.
 * @param instances `images` maps of height × width ids, row-major.
 */
export function boundaryMap(instances: ArrayLike<number>, width: number, height: number): Uint8Array {
  const boundary = new Uint8Array(instances.length);
  const size = width * height;
  for (let start = 0; start < instances.length; start += size) {
    for (let y = 0; y < height; y++) {
      const row = start + y * width;
      for (let i = row; i < row + width; i++) {
        const id = instances[i]!;
        if (i + 1 < row + width && instances[i + 1] !== id) boundary[i] = boundary[i + 1] = 1;
        if (y + 1 < height && instances[i + width] !== id) boundary[i] = boundary[i + width] = 1;
      }
    }
  }
  return boundary;
}
