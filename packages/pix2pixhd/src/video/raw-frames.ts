/**
 * Raw video frames, as ffmpeg's `rawvideo` has them: pixels one after the other, nothing between the frames. Depends on the
 * image types and Node's streams.
 */
import type { Image8, ImageRaster } from '../raster.js';

/** How a raw frame stores its pixels, by ffmpeg's names. */
export type PixelFormat = 'gray' | 'rgb24' | 'gray16le';

/** What every frame of a stream is. */
export interface FrameShape {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
}

const channelsOf: Readonly<Record<PixelFormat, number>> = { gray: 1, rgb24: 3, gray16le: 1 };

/** Channels of a pixel format. */
export function formatChannels(format: PixelFormat): number {
  return channelsOf[format];
}

/** Bytes of one frame. */
export function frameBytes({ width, height, format }: FrameShape): number {
  return width * height * channelsOf[format] * (format === 'gray16le' ? 2 : 1);
}

/** The pixels of a frame, without a copy. @param bytes of a buffer of their own, so that 16 bits are aligned. */
export function frameRaster(bytes: Uint8Array, { width, height, format }: FrameShape): ImageRaster {
  const data = format === 'gray16le' ? new Uint16Array(bytes.buffer, bytes.byteOffset, width * height) : bytes;
  return { width, height, channels: channelsOf[format], data };
}

/** An image as a frame of `rgb24`; one channel fills all three. */
export function rgb24Of({ channels, data }: Image8): Uint8Array {
  if (channels === 3) return data;
  const rgb = new Uint8Array(data.length * 3);
  for (let i = 0; i < data.length; i++) rgb.fill(data[i]!, 3 * i, 3 * i + 3);
  return rgb;
}

/**
 * Cuts a stream of bytes into frames, each in a buffer of its own. What is read ahead is what the stream holds: memory stays flat.
 *
 * @param onRest called at the end with the bytes that were left of a frame; 0 where the stream ended with a whole one.
 */
export async function* cutFrames(
  stream: AsyncIterable<Uint8Array>,
  bytes: number,
  onRest: (bytes: number) => void = () => {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let frame = new Uint8Array(bytes);
  let filled = 0;
  for await (const chunk of stream) {
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + bytes - filled);
      frame.set(part, filled);
      from += part.length;
      filled += part.length;
      if (filled < bytes) break;
      yield frame;
      frame = new Uint8Array(bytes);
      filled = 0;
    }
  }
  onRest(filled);
}
