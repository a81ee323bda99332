/** The drawing on a canvas element: labels as colours, values as greys. Depends on the document and the paints. */
import type { Rect } from '../document/rect.js';
import { type Maps, noLabel, type Scene, type SceneClass } from '../document/scene.js';
import { greyOf, type ValueRange } from '../document/values.js';
import type { Paints } from './paints.js';

/** Colours of classes as the words of an RGBA image, little endian. */
function palette(classes: readonly SceneClass[]): Uint32Array {
  const words = new Uint32Array(65536).fill(0xff000000);
  for (const { id, colour } of classes) {
    const value = Number.parseInt(colour.slice(1), 16);
    words[id] = 0xff000000 | ((value & 255) << 16) | (value & 0xff00) | (value >> 16);
  }
  if (classes.every(({ id }) => id !== noLabel)) words[noLabel] = 0;
  return words;
}

/** A colour that is darker, or of a dark one lighter. */
function shade(colour: number): number {
  const parts = [0, 8, 16].map(shift => (colour >>> shift) & 255);
  const target = Math.max(...parts) > 90 ? 0 : 255;
  const [red, green, blue] = parts.map(part => Math.round(part + 0.35 * (target - part)));
  return 0xff000000 | (blue! << 16) | (green! << 8) | red!;
}

type Context = Pick<CanvasRenderingContext2D, 'createImageData' | 'putImageData'>;

/**
 * Draws a rectangle of a drawing: the maps, and the picture where they have nothing.
 * @param lines a thin line where two objects of one class touch: not where labels are the drawing's own paints.
 */
export function paintDrawing(
  context: Context,
  maps: Maps,
  { picture, values }: Pick<Scene, 'picture' | 'values'>,
  paints: Paints,
  rect: Rect,
  lines: boolean,
): void {
  if (paints.range === null) paintMaps(context, maps, picture, palette(paints.classes.value), rect, lines);
  else paintValues(context, maps, values, paints.levels.value, paints.shown, rect);
}

/** Values as greys. @param shown which of them are black and white. */
function paintValues(
  context: Context,
  { width, labels }: Maps,
  own: Float32Array | undefined,
  levels: readonly number[],
  shown: ValueRange,
  rect: Rect,
): void {
  const image = context.createImageData(rect.width, rect.height);
  const words = new Uint32Array(image.data.buffer);
  const greys = levels.map(value => greyOf(value, shown));
  let to = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++)
    for (let at = y * width + rect.x; at < y * width + rect.x + rect.width; at++) {
      const label = labels[at]!;
      const grey = label === noLabel && own !== undefined ? greyOf(own[at]!, shown) : (greys[label] ?? 0);
      words[to++] = 0xff000000 | (grey * 0x010101);
    }
  context.putImageData(image, rect.x, rect.y);
}

function paintMaps(
  context: Context,
  maps: Maps,
  picture: Uint8Array | undefined,
  colours: Uint32Array,
  rect: Rect,
  lines: boolean,
): void {
  const image = context.createImageData(rect.width, rect.height);
  const words = new Uint32Array(image.data.buffer);
  const { width, labels, instances } = maps;
  let to = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++)
    for (let x = rect.x; x < rect.x + rect.width; x++) {
      const at = y * width + x;
      const label = labels[at]!;
      if (label === noLabel && picture !== undefined) {
        words[to++] = 0xff000000 | (picture[3 * at + 2]! << 16) | (picture[3 * at + 1]! << 8) | picture[3 * at]!;
        continue;
      }
      const beside = lines && x + 1 < width && labels[at + 1] === label && instances[at + 1] !== instances[at];
      const below = lines && labels[at + width] === label && instances[at + width] !== instances[at];
      words[to++] = beside || below ? shade(colours[label]!) : colours[label]!;
    }
  context.putImageData(image, rect.x, rect.y);
}
