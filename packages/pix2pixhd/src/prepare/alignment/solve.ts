/**
 * One step towards the best transform of a model, from the sums of all pairs. Depends on compare.ts for what the sums are, and on
 * transform.ts.
 *
 * The step maximises the correlation of A's edges with B's, both kept as one long vector, by the rule of enhanced
 * correlation (Evangelidis and Psarakis, PAMI 2008): minimise |λ u − v(δ)|² with the λ for which that is the same as maximising
 * the correlation. δ is composed with the transform: an infinitesimal homography in coordinates from −1 to 1.
 */
import { CELL, CELL_SUMS, cellsOf, SUMS } from './compare.js';
import { compose, invert, type Size, type Transform, type TransformModel } from './transform.js';

/** How many parameters each model has. */
const PARAMETERS: Readonly<Record<TransformModel, number>> = { shift: 2, similarity: 4, affine: 6, homography: 8 };

/** What the sums ask for. */
export interface Step {
  readonly correlation: number;
  /** The change of the transform that is asked for, in A's frame: T becomes T ∘ change. */
  readonly change: Transform;
}

/** The cells of all pairs, added up by where they lie: (cells, {@link CELL_SUMS}). */
export function addCells(
  sums: readonly Float64Array[],
  weightOf: (pair: number, cell: number) => number,
): Float64Array {
  const total = new Float64Array(sums[0]?.length ?? 0);
  sums.forEach((own, pair) => {
    for (let o = 0, cell = 0; o < own.length; cell++) {
      const weight = weightOf(pair, cell);
      for (let k = 0; k < CELL_SUMS; k++, o++) total[o]! += weight * own[o]!;
    }
  });
  return total;
}

/** The step that the added cells ask for. */
export function stepOfTotal(total: Float64Array, size: Size, model: TransformModel): Step | undefined {
  const n = PARAMETERS[model];
  const matrix = new Float64Array(n * n);
  const towardsU = new Float64Array(n);
  const towardsV = new Float64Array(n);
  let [aa, bb, ab] = [0, 0, 0];
  const { width: columns } = cellsOf(size);
  const radius = radiusOf(size);
  const ux = new Float64Array(n);
  const uy = new Float64Array(n);
  for (let cell = 0; cell * CELL_SUMS < total.length; cell++) {
    const o = cell * CELL_SUMS;
    if (total[o + SUMS.count] === 0) continue;
    aa += total[o + SUMS.aa]!;
    bb += total[o + SUMS.bb]!;
    ab += total[o + SUMS.ab]!;
    const x = (((cell % columns) + 0.5) * CELL - size.width / 2) / radius;
    const y = ((Math.floor(cell / columns) + 0.5) * CELL - size.height / 2) / radius;
    directions(model, x, y, ux, uy);
    const [xx, xy, yy] = [total[o + SUMS.xx]!, total[o + SUMS.xy]!, total[o + SUMS.yy]!];
    const [xU, yU, xV, yV] = [total[o + SUMS.axU]!, total[o + SUMS.ayU]!, total[o + SUMS.axV]!, total[o + SUMS.ayV]!];
    for (let j = 0; j < n; j++) {
      const mx = xx * ux[j]! + xy * uy[j]!;
      const my = xy * ux[j]! + yy * uy[j]!;
      for (let k = 0; k <= j; k++) matrix[j * n + k]! += ux[k]! * mx + uy[k]! * my;
      towardsU[j]! += ux[j]! * xU + uy[j]! * yU;
      towardsV[j]! += ux[j]! * xV + uy[j]! * yV;
    }
  }
  if (!(aa > 0 && bb > 0)) return undefined;
  const factor = cholesky(matrix, n);
  if (factor === undefined) return undefined;
  const byU = solve(factor, towardsU, n);
  const byV = solve(factor, towardsV, n);
  const lambda = (bb - dot(towardsV, byV)) / (ab - dot(towardsU, byV));
  if (!(lambda > 0 && Number.isFinite(lambda))) return undefined;
  const delta = byU.map((value, k) => (lambda * value - byV[k]!) / radius);
  return { correlation: ab / Math.sqrt(aa * bb), change: changeOf(model, delta, size) };
}

function radiusOf({ width, height }: Size): number {
  return Math.hypot(width, height) / 2;
}

/** The direction, in units of the radius, in which each parameter moves the point (x, y), in coordinates from −1 to 1. */
function directions(model: TransformModel, x: number, y: number, ux: Float64Array, uy: Float64Array): void {
  ux[0] = uy[1] = 1;
  ux[1] = uy[0] = 0;
  if (model === 'shift') return;
  ux[2] = x;
  uy[2] = y;
  ux[3] = -y;
  uy[3] = x;
  if (model === 'similarity') return;
  ux[4] = x;
  uy[4] = -y;
  ux[5] = y;
  uy[5] = x;
  if (model === 'affine') return;
  ux[6] = -x * x;
  uy[6] = ux[7] = -x * y;
  uy[7] = -y * y;
}

function changeOf(model: TransformModel, delta: Float64Array, size: Size): Transform {
  // What a model lacks stays 0.
  const [sx = 0, sy = 0, scale = 0, turn = 0, stretch = 0, shear = 0, px = 0, py = 0] = delta.subarray(
    0,
    PARAMETERS[model],
  );
  const radius = radiusOf(size);
  const toUnit: Transform = [
    1 / radius,
    0,
    -size.width / 2 / radius,
    0,
    1 / radius,
    -size.height / 2 / radius,
    0,
    0,
    1,
  ];
  const change: Transform = [1 + scale + stretch, shear - turn, sx, shear + turn, 1 + scale - stretch, sy, px, py, 1];
  return compose(invert(toUnit), change, toUnit);
}

/** The factor L of a symmetric matrix whose lower half is given, or undefined where it is not positive definite. */
function cholesky(matrix: Float64Array, n: number): Float64Array | undefined {
  const factor = matrix.slice();
  let trace = 0;
  for (let j = 0; j < n; j++) trace += matrix[j * n + j]!;
  for (let j = 0; j < n; j++) {
    for (let k = 0; k <= j; k++) {
      let sum = factor[j * n + k]!;
      for (let m = 0; m < k; m++) sum -= factor[j * n + m]! * factor[k * n + m]!;
      if (j === k) {
        if (!(sum > 1e-9 * trace)) return undefined;
        factor[j * n + j] = Math.sqrt(sum);
      } else factor[j * n + k] = sum / factor[k * n + k]!;
    }
  }
  return factor;
}

function solve(factor: Float64Array, right: Float64Array, n: number): Float64Array {
  const x = right.slice();
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) x[j]! -= factor[j * n + k]! * x[k]!;
    x[j]! /= factor[j * n + j]!;
  }
  for (let j = n - 1; j >= 0; j--) {
    for (let k = j + 1; k < n; k++) x[j]! -= factor[k * n + j]! * x[k]!;
    x[j]! /= factor[j * n + j]!;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + value * b[k]!, 0);
}
