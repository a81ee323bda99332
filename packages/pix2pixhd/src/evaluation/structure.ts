/**
 * The comparison of structure under a window, which SSIM and MS-SSIM share: Wang, Bovik, Sheikh, Simoncelli, "Image quality
 * assessment: from error visibility to structural similarity", IEEE Transactions on Image Processing 13 (4), 2004. Depends on
 * `comparable.ts` only.
 */
import { type ComparedImage, WHITE } from './comparable.js';

/** The paper's window: 11 × 11, Gaussian with σ = 1.5, weights that sum to one. */
const RADIUS = 5;
const WINDOW = gaussian(RADIUS, 1.5);
/** The window's side: no smaller image can be compared. */
export const WINDOW_SIDE = WINDOW.length;

/** The paper's (K₁L)² and (K₂L)² with K₁ = 0.01, K₂ = 0.03, L = 255. */
const C1 = (0.01 * WHITE) ** 2;
const C2 = (0.03 * WHITE) ** 2;

/** One channel of an image, (H, W). */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

/** Means over all windows that fit inside the image. */
export interface Similarity {
  /** Of luminance, contrast and structure: SSIM, equation (13). */
  readonly ssim: number;
  /** Of contrast and structure alone: the second factor of equation (13). */
  readonly contrastStructure: number;
}

/** A channel by its number. */
export function planeOf({ width, height, channels, data }: ComparedImage, channel: number): Plane {
  const plane = new Float64Array(width * height);
  for (let i = 0; i < plane.length; i++) plane[i] = data[i * channels + channel]!;
  return { width, height, data: plane };
}

/** Compares two planes of one size, not smaller than the window. */
export function similarity(a: Plane, b: Plane): Similarity {
  const { width, height } = a;
  const means = (map: Float64Array) => windowMeans(map, width, height);
  const product = (x: Float64Array, y: Float64Array) => x.map((value, i) => value * y[i]!);
  const [mx, my] = [means(a.data), means(b.data)];
  const mxx = means(product(a.data, a.data));
  const myy = means(product(b.data, b.data));
  const mxy = means(product(a.data, b.data));
  let ssim = 0;
  let contrastStructure = 0;
  for (let i = 0; i < mx.length; i++) {
    const ux = mx[i]!;
    const uy = my[i]!;
    const varianceX = mxx[i]! - ux * ux;
    const varianceY = myy[i]! - uy * uy;
    const covariance = mxy[i]! - ux * uy;
    const second = (2 * covariance + C2) / (varianceX + varianceY + C2);
    contrastStructure += second;
    ssim += ((2 * ux * uy + C1) / (ux * ux + uy * uy + C1)) * second;
  }
  return { ssim: ssim / mx.length, contrastStructure: contrastStructure / mx.length };
}

/** Weighted means under the window wherever it fits: (H, W) → (H − 10, W − 10). The window is separable. */
function windowMeans(map: Float64Array, width: number, height: number): Float64Array {
  const outWidth = width - 2 * RADIUS;
  const outHeight = height - 2 * RADIUS;
  const out = new Float64Array(outWidth * outHeight);
  // Down the columns first: the inner loop then runs along rows, as memory lies.
  const row = new Float64Array(width);
  for (let y = 0; y < outHeight; y++) {
    row.fill(0);
    for (let k = 0; k < WINDOW.length; k++) {
      const weight = WINDOW[k]!;
      const from = (y + k) * width;
      for (let x = 0; x < width; x++) row[x]! += weight * map[from + x]!;
    }
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW.length; k++) sum += WINDOW[k]! * row[x + k]!;
      out[y * outWidth + x] = sum;
    }
  }
  return out;
}

function gaussian(radius: number, sigma: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map(weight => weight / total);
}
