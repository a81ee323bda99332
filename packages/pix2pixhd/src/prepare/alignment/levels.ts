/**
 * Two images of one moment, reduced to the sizes at which they are compared. Depends on raster.ts, data/resize,
 * errors.ts, orientation.ts and transform.ts.
 *
 * The image of A is reduced to a longer side of so many pixels, that of B so that the transform that is assumed to begin
 * with enlarges nothing: a step of one pixel then means the same in both.
 */
import { resizeBicubic } from '../../data/resize/resize.js';
import { UserError } from '../../errors.js';
import type { ImageRaster } from '../../raster.js';
import { emptyField, type Grey, type OrientationField, orientationField, smooth, softnessOf } from './orientation.js';
import type { Point, Size } from './transform.js';

/** Two images of one moment: of camera A, and of camera B. They may differ in size, channels and type. */
export interface Pair {
  /** What messages call it, such as a file. */
  readonly name?: string;
  readonly a: ImageRaster;
  readonly b: ImageRaster;
}

/** A pair at one size. */
export interface LevelPair {
  /** Edges of A. */
  readonly field: OrientationField;
  /** B, which is warped before its edges are looked for. */
  readonly b: Grey;
  /** What {@link orientationField} needs for B. */
  readonly softness: number;
}

/** Pairs at one size. */
export interface Level {
  readonly pairs: readonly LevelPair[];
  /** Of A at this level. */
  readonly size: Size;
  /** Of B. */
  readonly sizeB: Size;
  /** Pixels at this level per pixel of the images themselves. */
  readonly scaleA: Point;
  readonly scaleB: Point;
}

/**
 * Pairs at several sizes, the smallest first.
 * @param sides the longer side of A at each level, in pixels, ascending, none larger than that of A.
 * @param startScale how many pixels of B a pixel of A is assumed to measure.
 * @throws UserError where pairs differ in size: one transform cannot fit them.
 */
export function buildLevels(pairs: readonly Pair[], sides: readonly number[], startScale: number): readonly Level[] {
  const first = pairs[0]!;
  assertOneSize(pairs);
  const longer = Math.max(first.a.width, first.a.height);
  const factors = sides.map(side => side / longer).reverse();
  const steps = pairs.map(({ a, b }) => ({ a: stepOf(a), b: stepOf(b) }));
  let greys = pairs.map(({ a, b }) => ({ a: greyOf(a), b: greyOf(b) }));
  const levels = factors.map(factor => {
    const size = reducedSize(first.a, factor);
    const sizeB = reducedSize(first.b, Math.min(1, factor / startScale));
    // The next level is made from this one, which is smaller than the images themselves.
    greys = greys.map(({ a, b }) => ({ a: reduced(a, size), b: reduced(b, sizeB) }));
    return {
      pairs: greys.map((pair, k) => levelPair(pair, steps[k]!)),
      size,
      sizeB,
      scaleA: { x: size.width / first.a.width, y: size.height / first.a.height },
      scaleB: { x: sizeB.width / first.b.width, y: sizeB.height / first.b.height },
    };
  });
  return levels.reverse();
}

function levelPair({ a, b }: Greys, step: { readonly a: number; readonly b: number }): LevelPair {
  const [smoothA, smoothB] = [smoothed(a), smoothed(b)];
  const field = emptyField(a.width, a.height);
  return {
    field: orientationField(smoothA, softnessOf(smoothA, step.a), field),
    b: smoothB,
    softness: softnessOf(smoothB, step.b),
  };
}

interface Greys {
  readonly a: Grey;
  readonly b: Grey;
}

function assertOneSize(pairs: readonly Pair[]): void {
  const sizeOf = ({ a, b }: Pair) => `${a.width}×${a.height} and ${b.width}×${b.height}`;
  const expected = sizeOf(pairs[0]!);
  const odd = pairs.findIndex(pair => sizeOf(pair) !== expected);
  if (odd === -1) return;
  throw new UserError({
    code: 'SIZE_MISMATCH',
    doing: 'aligning two cameras',
    where: pairs[odd]!.name ?? `pair ${odd + 1}`,
    found: `images of ${sizeOf(pairs[odd]!)} pixels`,
    expected: `${expected}, as the first pair has: one transform is sought for all`,
    remedy: 'give images of one pair of cameras, as they came from them; or align each pair by itself',
  });
}

/** Brightness: Rec. 601 luma of colours, else the mean of the channels; alpha is left out. */
export function greyOf(raster: ImageRaster): Grey {
  const { width, height, channels, data } = raster;
  const used = raster.alpha === true && channels > 1 ? channels - 1 : channels;
  const weights = used === 3 ? [0.299, 0.587, 0.114] : new Array<number>(used).fill(1 / used);
  const out = new Float32Array(width * height);
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let c = 0; c < used; c++) sum += weights[c]! * data[i * channels + c]!;
    out[i] = sum;
  }
  return { width, height, data: out };
}

/** Half a step of the stored values: what rounding can make of a flat surface. */
function stepOf({ data }: ImageRaster): number {
  return data instanceof Float32Array ? 1e-6 : 0.5;
}

function reducedSize({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

function reduced(grey: Grey, { width, height }: Size): Grey {
  if (grey.width === width && grey.height === height) return grey;
  const { data } = resizeBicubic({ ...grey, channels: 1 }, width, height);
  return { width, height, data: Float32Array.from(data) };
}

function smoothed({ width, height, data }: Grey): Grey {
  const copy = data.slice();
  smooth(copy, width, height);
  return { width, height, data: copy };
}
