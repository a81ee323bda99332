/** The image that no attentive person takes for a photograph: for attention checks. Depends on images in memory and random numbers. */
import type { Random } from '../data/random.js';
import type { Image8 } from '../raster.js';

/** Squares on the shorter side. */
const squares = 9;
/** Grey levels by which a square, and a pixel, may be off. */
const squareNoise = 70;
const pixelNoise = 60;

/** The image in coarse squares of wrong colours, under noise. Of the same size. */
export function spoilt(image: Image8, random: Random): Image8 {
  const { width, height, channels } = image;
  const side = Math.max(2, Math.ceil(Math.min(width, height) / squares));
  const across = Math.ceil(width / side);
  const noise = (most: number) => (2 * random.uniform() - 1) * most;
  const colours = Array.from({ length: across * Math.ceil(height / side) }, (_, square) => {
    const x = Math.min(width - 1, (square % across) * side + (side >> 1));
    const y = Math.min(height - 1, Math.floor(square / across) * side + (side >> 1));
    return Array.from({ length: channels }, (_, c) => image.data[(y * width + x) * channels + c]! + noise(squareNoise));
  });
  const data = Uint8ClampedArray.from(image.data, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return colours[Math.floor(y / side) * across + Math.floor(x / side)]![i % channels]! + noise(pixelNoise);
  });
  return { width, height, channels, data: new Uint8Array(data.buffer) };
}
