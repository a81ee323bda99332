/**
 * The discrete Fourier transform of small complex images, sides a power of two: shifts of whole images are compared all at once.
 * Depends on nothing.
 */

/** A complex image (height, width), transformed or not. */
export interface Spectrum {
  readonly width: number;
  readonly height: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** The smallest power of two that is not below `length`. */
export function powerOfTwo(length: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, length)));
}

/** A complex image of zeros. */
export function emptySpectrum(width: number, height: number): Spectrum {
  return { width, height, re: new Float64Array(width * height), im: new Float64Array(width * height) };
}

/** Transform in place; `sign` −1 is the forward transform, +1 the backward one, without the factor 1/(width · height). */
export function fourier({ width, height, re, im }: Spectrum, sign: 1 | -1): void {
  const rows = planFor(width, sign);
  for (let y = 0; y < height; y++) transformLine(re, im, y * width, 1, rows);
  const columns = planFor(height, sign);
  for (let x = 0; x < width; x++) transformLine(re, im, x, width, columns);
}

interface Plan {
  readonly length: number;
  readonly reversed: Uint32Array;
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  readonly lineRe: Float64Array;
  readonly lineIm: Float64Array;
}

const plans = new Map<number, Plan>();

function planFor(length: number, sign: 1 | -1): Plan {
  const key = sign * length;
  let plan = plans.get(key);
  if (plan === undefined) plans.set(key, (plan = makePlan(length, sign)));
  return plan;
}

function makePlan(length: number, sign: 1 | -1): Plan {
  const bits = Math.log2(length);
  if (!Number.isInteger(bits)) throw new RangeError(`a side of ${length} is not a power of two`);
  const reversed = new Uint32Array(length);
  for (let i = 1; i < length; i++) reversed[i] = (reversed[i >> 1]! >> 1) | (i & 1 ? length >> 1 : 0);
  const angles = Float64Array.from({ length: length >> 1 }, (_, k) => (sign * 2 * Math.PI * k) / length);
  return {
    length,
    reversed,
    cos: angles.map(Math.cos),
    sin: angles.map(Math.sin),
    lineRe: new Float64Array(length),
    lineIm: new Float64Array(length),
  };
}

/** Cooley and Tukey's algorithm on one row or column. */
function transformLine(re: Float64Array, im: Float64Array, start: number, step: number, plan: Plan): void {
  const { length, reversed, cos, sin, lineRe, lineIm } = plan;
  for (let i = 0; i < length; i++) {
    const from = start + reversed[i]! * step;
    lineRe[i] = re[from]!;
    lineIm[i] = im[from]!;
  }
  for (let half = 1; half < length; half *= 2) {
    const stride = length / (2 * half);
    for (let block = 0; block < length; block += 2 * half) {
      for (let k = 0; k < half; k++) {
        const c = cos[k * stride]!;
        const s = sin[k * stride]!;
        const p = block + k;
        const q = p + half;
        const oddRe = lineRe[q]! * c - lineIm[q]! * s;
        const oddIm = lineRe[q]! * s + lineIm[q]! * c;
        lineRe[q] = lineRe[p]! - oddRe;
        lineIm[q] = lineIm[p]! - oddIm;
        lineRe[p] = lineRe[p]! + oddRe;
        lineIm[p] = lineIm[p]! + oddIm;
      }
    }
  }
  for (let i = 0; i < length; i++) {
    re[start + i * step] = lineRe[i]!;
    im[start + i * step] = lineIm[i]!;
  }
}
