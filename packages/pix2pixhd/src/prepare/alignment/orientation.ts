/**
 * What two cameras of different kinds agree on: the direction of edges. Depends on nothing.
 *
 * Each pixel's gradient g becomes the vector (gx² − gy², 2 gx gy) / (|g|² + ε²): it points to twice the angle of the
 * gradient, so an edge has the same vector whichever of its sides is the brighter one, and its length goes from 0 (flat)
 * to 1 (an edge well above ε), whatever the contrast. The product of two such vectors is cos 2α, 2 cos² α − 1, for edges at
 * an angle of α: the squared cosine of normalised gradient fields (Haber and Modersitzki, MICCAI 2006), of mean zero
 * where edges have nothing to do with each other. The vectors are smoothed, so that edges of noise cancel each other.
 */

/** A grey image in floating point, (height, width). */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** The vectors of a field, (height, width) each. */
export interface OrientationField {
  readonly width: number;
  readonly height: number;
  /** Cosine of twice the angle, times the strength of the edge. */
  readonly cos: Float32Array;
  /** The sine. */
  readonly sin: Float32Array;
}

/** Pixels at a border of an image where its field depends on what is beyond. */
export const FIELD_MARGIN = 3;

/** A field of zeros. */
export function emptyField(width: number, height: number): OrientationField {
  const size = width * height;
  return { width, height, cos: new Float32Array(size), sin: new Float32Array(size) };
}

/**
 * The field of an image.
 * @param softness ε: a gradient of this size, in grey values per pixel, counts half.
 * @param out where it goes.
 */
export function orientationField(image: Grey, softness: number, out: OrientationField): OrientationField {
  const { width, height, data } = image;
  const { cos, sin } = out;
  const floor = softness * softness;
  for (let y = 0; y < height; y++) {
    const above = Math.max(0, y - 1) * width;
    const below = Math.min(height - 1, y + 1) * width;
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const gx = (data[x + 1 < width ? i + 1 : i]! - data[x > 0 ? i - 1 : i]!) / 2;
      const gy = (data[below + x]! - data[above + x]!) / 2;
      const xx = gx * gx;
      const yy = gy * gy;
      const norm = 1 / (xx + yy + floor);
      cos[i] = (xx - yy) * norm;
      sin[i] = 2 * gx * gy * norm;
    }
  }
  smooth(cos, width, height);
  smooth(sin, width, height);
  return out;
}

/** ε for an image: the mean size of its gradients, but no less than `least`, which rounding can make of a flat surface. */
export function softnessOf(image: Grey, least: number): number {
  const { width, height, data } = image;
  let sum = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1; i < (y + 1) * width - 1; i++) {
      sum += Math.hypot(data[i + 1]! - data[i - 1]!, data[i + width]! - data[i - width]!) / 2;
    }
  }
  return Math.max(least, sum / Math.max(1, (width - 2) * (height - 2)));
}

/** Smooth in place with the binomial kernel 1 4 6 4 1 in both directions: a Gaussian of σ = 1. Borders repeat. */
export function smooth(data: Float32Array, width: number, height: number): void {
  const line = new Float32Array(Math.max(width, height) + 4);
  for (let y = 0; y < height; y++) smoothLine(data, y * width, 1, width, line);
  smoothColumns(data, width, height);
}

function smoothLine(data: Float32Array, start: number, step: number, length: number, line: Float32Array): void {
  for (let i = 0; i < length; i++) line[i + 2] = data[start + i * step]!;
  line[0] = line[1] = line[2]!;
  line[length + 2] = line[length + 3] = line[length + 1]!;
  for (let i = 0; i < length; i++) {
    data[start + i * step] = (line[i]! + line[i + 4]! + 4 * (line[i + 1]! + line[i + 3]!) + 6 * line[i + 2]!) / 16;
  }
}

/** Row by row, so that memory is read in order: the two rows before are kept as they were. */
function smoothColumns(data: Float32Array, width: number, height: number): void {
  let before2 = data.slice(0, width);
  let before1 = data.slice(0, width);
  let here = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    const from = y * width;
    const next1 = Math.min(height - 1, y + 1) * width;
    const next2 = Math.min(height - 1, y + 2) * width;
    here.set(data.subarray(from, from + width));
    for (let x = 0; x < width; x++) {
      const far = before2[x]! + data[next2 + x]!;
      data[from + x] = (far + 4 * (before1[x]! + data[next1 + x]!) + 6 * here[x]!) / 16;
    }
    [before2, before1, here] = [before1, here, before2];
  }
}
