/**
 * From frames to frames: each is generated, smoothed where that is asked for, and handed on, in order and one at a time.
 * Depends on the filter and the meter.
 */
import type { Image8, ImageRaster } from '../raster.js';
import { type Flicker, FlickerMeter } from './flicker.js';
import { quiet } from './read-ahead.js';
import { Smoother } from './smooth.js';

/** A frame to generate from, and when it was there, by `performance.now()`. */
export interface Frame {
  readonly pixels: ImageRaster;
  readonly arrivedMs: number;
}

/** What {@link translateFrames} does with frames. */
export interface Translation {
  /** Makes the image of a frame. */
  readonly generate: (pixels: ImageRaster) => Promise<Image8>;
  /** Takes the images in order; one is awaited before the next is handed over. */
  readonly write: (image: Image8) => Promise<void>;
  /** Strength of {@link Smoother}; 0 leaves it out. */
  readonly smooth: number;
  /** Called after each frame was written, with its number from 1 and the milliseconds since it arrived. */
  readonly onFrame: (number: number, latencyMs: number) => void;
}

/** What came of it. */
export interface Translated {
  readonly frames: number;
  /** Only where frames were smoothed. */
  readonly flicker?: Flicker;
}

/**
 * Translates all frames. While one is written, the next is generated.
 *
 * @throws what the source, `generate` and `write` throw.
 */
export async function translateFrames(
  frames: AsyncIterable<Frame>,
  { generate, write, smooth, onFrame }: Translation,
): Promise<Translated> {
  const smoother = smooth > 0 ? new Smoother(smooth) : undefined;
  const meter = new FlickerMeter();
  let count = 0;
  let written = Promise.resolve();
  for await (const { pixels, arrivedMs } of frames) {
    const image = await generate(pixels);
    const result = smoother?.next(pixels, image) ?? image;
    if (smoother !== undefined) meter.add(pixels, image, result);
    await written;
    const number = ++count;
    written = quiet(write(result).then(() => onFrame(number, performance.now() - arrivedMs)));
  }
  await written;
  return { frames: count, ...(smoother !== undefined && { flicker: meter.result }) };
}
