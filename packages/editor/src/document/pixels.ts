/** A drawing of colours as the pixels that a network reads. Depends on the scene. */
import type { Rect } from './rect.js';
import { type Maps, noLabel } from './scene.js';

/** The grey that is as light as a colour (ITU-R BT.601). */
export function luminance(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** The colours of labels, as numbers 0xrrggbb at the index that is the label. */
export type Colours = Uint32Array;

/**
 * Red, green and blue of a rectangle, row by row: the colours of the labels, and the picture where there is none. With one
 * channel their {@link luminance}, which of greys is the grey itself.
 */
export function pixelsOf(
  { width, labels }: Pick<Maps, 'width' | 'labels'>,
  picture: Uint8Array | undefined,
  colours: Colours,
  rect: Rect,
  channels: 1 | 3,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(rect.width * rect.height * channels);
  let to = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++)
    for (let at = y * width + rect.x; at < y * width + rect.x + rect.width; at++) {
      const label = labels[at]!;
      const below = label === noLabel && picture !== undefined;
      const colour = below
        ? (picture[3 * at]! << 16) | (picture[3 * at + 1]! << 8) | picture[3 * at + 2]!
        : (colours[label] ?? 0);
      const [red, green, blue] = [colour >> 16, (colour >> 8) & 255, colour & 255];
      if (channels === 1) bytes[to++] = Math.round(luminance(red!, green!, blue!));
      else {
        bytes[to++] = red;
        bytes[to++] = green;
        bytes[to++] = blue;
      }
    }
  return bytes;
}
