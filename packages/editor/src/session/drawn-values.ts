/**
 * What a generator is given of the pixels that a page draws: colours of 8 bits, or values in the unit of its files. Depends on
 * nothing.
 */

/** How the inputs of a network of images are drawn. */
export interface DrawnValues {
  /** Which values of its files are black and white to the network; a name where that is not two numbers. */
  readonly range: 'full' | 'per-frame' | 'clahe' | ValueRange;
  /** How its files store them. */
  readonly depth: '8' | '16' | 'float';
  /** Black and white of drawings whose pixels are values in the unit of the files; null where they are colours of 8 bits. */
  readonly values: ValueRange | null;
}

/** Black and white in the unit of the files. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** Inputs of 8 bits, and label maps. */
export const plainDrawing: DrawnValues = { range: 'full', depth: '8', values: null };

/** What the generator is given of colours of 8 bits: themselves, or in the unit of the files. */
export function coloursGiven(pixels: Uint8Array, { range }: Pick<DrawnValues, 'range'>): Uint8Array | Float32Array {
  if (typeof range !== 'object') return pixels;
  const { low, high } = range;
  return Float32Array.from(pixels, value => low + (value / 255) * (high - low));
}

/**
 * What the generator is given of values: themselves, or in the full range what its type holds of them: 16 bits where all are whole,
 * else floating point from 0 to 1.
 */
export function valuesGiven(
  pixels: Float32Array,
  { range, values }: Pick<DrawnValues, 'range' | 'values'>,
): Uint16Array | Float32Array {
  if (range !== 'full' || values === null) return pixels;
  const { high } = values;
  const cut = pixels.map(value => Math.min(high, Math.max(0, value)));
  if (high === 1) return cut;
  return cut.every(Number.isInteger) ? Uint16Array.from(cut) : cut.map(value => value / high);
}
