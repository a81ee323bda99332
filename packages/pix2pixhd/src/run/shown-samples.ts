/** What the samples of a run have in common, with pairs and without. Depends on inference's types and raster.ts. */
import type { Direction } from '../config/direction.js';
import type { ImageGenerator } from '../inference/image-generator.js';
import type { Image8 } from '../raster.js';
import { showable } from '../sharp-image.js';

/** The generator of a direction as it is now. */
export type GeneratorFor = (direction: Direction) => ImageGenerator;

/** Samples as they are now. */
export interface ShownSamples {
  /** The sheet. */
  readonly png: Buffer;
  /** The lower, the better. */
  readonly score: number;
  /** What was generated, and real images of the same kind. */
  readonly generated: readonly Image8[];
  readonly real: readonly Image8[];
}

/** A few fixed samples of a run. */
export interface Samples {
  /** Generates their images. */
  show(generatorFor: GeneratorFor, title: string): Promise<ShownSamples>;
}

/** At most `count` items, evenly spread, the first among them. */
export function evenlySpread<T>(items: readonly T[], count: number): T[] {
  const number = Math.min(count, items.length);
  return Array.from({ length: number }, (_, i) => items[Math.floor((i * items.length) / number)]!);
}

/** An image as a sheet takes it, at the upper left of a white canvas: samples may differ in size, but a sheet has one size. */
export function onCanvas(shown: Image8, width: number, height: number): Image8 {
  const image = showable(shown);
  if (image.width === width && image.height === height) return image;
  const { channels } = image;
  const data = new Uint8Array(width * height * channels).fill(255);
  const row = image.width * channels;
  for (let y = 0; y < image.height; y++) data.set(image.data.subarray(y * row, (y + 1) * row), y * width * channels);
  return { width, height, channels, data };
}
