/**
 * How well two images agree under a transform, and which way to change it: the sums of one pass over a pair. Depends on
 * levels.ts, orientation.ts and transform.ts.
 *
 * B is warped into A's frame and its edges are found there, so their directions turn with it. Sums are kept by cells of
 * {@link CELL} × {@link CELL} pixels: few enough to be solved for any model, fine enough to be left out one after the other.
 */
import type { LevelPair } from './levels.js';
import { emptyField, FIELD_MARGIN, type Grey, type OrientationField, orientationField } from './orientation.js';
import type { Size, Transform } from './transform.js';

/** Side of a cell in pixels. */
export const CELL = 8;

/** Numbers per cell. With u the vectors of A, v those of B, summed over the pixels that both cameras see: */
export const SUMS = {
  /** u·u, v·v, u·v */
  aa: 0,
  bb: 1,
  ab: 2,
  /** (∂v/∂x)·u and (∂v/∂y)·u */
  axU: 3,
  ayU: 4,
  /** (∂v/∂x)·v and (∂v/∂y)·v */
  axV: 5,
  ayV: 6,
  /** (∂v/∂x)², (∂v/∂x)·(∂v/∂y), (∂v/∂y)² */
  xx: 7,
  xy: 8,
  yy: 9,
  count: 10,
} as const;

/** Length of a cell's sums. */
export const CELL_SUMS = 11;

/** Cells in a row and in a column. */
export function cellsOf({ width, height }: Size): Size {
  return { width: Math.ceil(width / CELL), height: Math.ceil(height / CELL) };
}

/** What a pass needs beside its result: allocated once per level. */
export interface Workspace {
  readonly warped: Grey;
  readonly field: OrientationField;
  /** 1 where B has a pixel, with a margin from its border. */
  readonly valid: Uint8Array;
}

/** Room for passes over images of this size. */
export function workspaceFor({ width, height }: Size): Workspace {
  const pixels = width * height;
  return {
    warped: { width, height, data: new Float32Array(pixels) },
    field: emptyField(width, height),
    valid: new Uint8Array(pixels),
  };
}

/**
 * B's edges in A's frame, and where it has any, written into the workspace.
 * @param transform from A's pixels to B's, both at this level.
 */
export function warpField({ b, softness }: LevelPair, transform: Transform, { warped, field, valid }: Workspace): void {
  sampleLinear(b, transform, warped.width, warped.height, warped.data, valid);
  orientationField(warped, softness, field);
}

/**
 * The sums of a pair, (cells, {@link CELL_SUMS}).
 * @param transform from A's pixels to B's, both at this level.
 */
export function compare(pair: LevelPair, transform: Transform, workspace: Workspace): Float64Array {
  warpField(pair, transform, workspace);
  const { cos: uc, sin: us, width, height } = pair.field;
  const { cos: vc, sin: vs } = workspace.field;
  const { valid } = workspace;
  const columns = Math.ceil(width / CELL);
  const sums = new Float64Array(columns * Math.ceil(height / CELL) * CELL_SUMS);
  for (let y = FIELD_MARGIN; y < height - FIELD_MARGIN; y++) {
    const row = Math.floor(y / CELL) * columns;
    for (let x = FIELD_MARGIN; x < width - FIELD_MARGIN; x++) {
      const i = y * width + x;
      if (valid[i] === 0) continue;
      const c = vc[i]!;
      const s = vs[i]!;
      const a = uc[i]!;
      const b = us[i]!;
      const cx = (vc[i + 1]! - vc[i - 1]!) / 2;
      const cy = (vc[i + width]! - vc[i - width]!) / 2;
      const sx = (vs[i + 1]! - vs[i - 1]!) / 2;
      const sy = (vs[i + width]! - vs[i - width]!) / 2;
      const o = (row + Math.floor(x / CELL)) * CELL_SUMS;
      sums[o]! += a * a + b * b;
      sums[o + 1]! += c * c + s * s;
      sums[o + 2]! += a * c + b * s;
      sums[o + 3]! += cx * a + sx * b;
      sums[o + 4]! += cy * a + sy * b;
      sums[o + 5]! += cx * c + sx * s;
      sums[o + 6]! += cy * c + sy * s;
      sums[o + 7]! += cx * cx + sx * sx;
      sums[o + 8]! += cx * cy + sx * sy;
      sums[o + 9]! += cy * cy + sy * sy;
      sums[o + 10]! += 1;
    }
  }
  return sums;
}

/** Linear interpolation at the transformed centre of every pixel; `valid` keeps {@link FIELD_MARGIN} pixels of B's border away. */
function sampleLinear(
  image: Grey,
  t: Transform,
  width: number,
  height: number,
  out: Float32Array,
  valid: Uint8Array,
): void {
  const { data } = image;
  const right = image.width - 1;
  const bottom = image.height - 1;
  const margin = FIELD_MARGIN - 0.5;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const w = t[6] * (x + 0.5) + t[7] * (y + 0.5) + t[8];
      const sx = (t[0] * (x + 0.5) + t[1] * (y + 0.5) + t[2]) / w - 0.5;
      const sy = (t[3] * (x + 0.5) + t[4] * (y + 0.5) + t[5]) / w - 0.5;
      valid[i] = w > 0 && sx >= margin && sy >= margin && sx <= right - margin && sy <= bottom - margin ? 1 : 0;
      const px = Math.max(0, Math.min(sx, right));
      const py = Math.max(0, Math.min(sy, bottom));
      const left = Math.min(Math.floor(px), Math.max(0, right - 1));
      const top = Math.min(Math.floor(py), Math.max(0, bottom - 1));
      const fx = px - left;
      const fy = py - top;
      const from = top * image.width + left;
      const below = bottom > 0 ? from + image.width : from;
      const step = right > 0 ? 1 : 0;
      const upper = data[from]! + fx * (data[from + step]! - data[from]!);
      const lower = data[below]! + fx * (data[below + step]! - data[below]!);
      out[i] = upper + fy * (lower - upper);
    }
  }
}
