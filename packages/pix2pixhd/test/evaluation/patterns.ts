/** Synthetic images by formula, which Python computes alike. Depends on nothing. */
import type { Image8 } from '../../src/raster.js';

export type Value = (x: number, y: number, k: number) => number;

export const image = (width: number, height: number, channels: number, value: Value): Image8 => {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    data[i] = value(pixel % width, Math.floor(pixel / width), i % channels);
  }
  return { width, height, channels, data };
};

/** (7x + 3y + 50k + 5·(xy mod 13)) mod 256. */
export const pattern: Value = (x, y, k) => (x * 7 + y * 3 + k * 50 + ((x * y) % 13) * 5) % 256;
/** clip(pattern + ((x² + 3y + 7k) mod 41) − 20, 0, 255). */
export const disturbed: Value = (x, y, k) =>
  Math.min(255, Math.max(0, pattern(x, y, k) + ((x * x + 3 * y + 7 * k) % 41) - 20));
export const negative: Value = (x, y, k) => 255 - pattern(x, y, k);
/** (3x + y + 10k) mod 256: the array wraps. */
export const ramp: Value = (x, y, k) => x * 3 + y + k * 10;
/** The ramp with a step. */
export const step: Value = (x, y, k) => ramp(x, y, k) + (x > 30 ? 9 : 0);
