/**
 * The colour of every pixel of a drawing. Flat drawings are rendered without anti-aliasing, so that no colours appear between
 * two fills. Depends on sharp, whose renderer of SVG (librsvg) honours `shape-rendering`.
 */

import sharp from 'sharp';
import { rgba, svgDensity } from './pair.js';

/** The value of a transparent pixel. */
export const TRANSPARENT = -1;

/**
 * Renders a drawing.
 *
 * @param svg the drawing's file.
 * @returns a colour 0xrrggbb or {@link TRANSPARENT} per pixel, (size, size). Alpha below one half counts as transparent,
 *   the rest is composited on white, as in the images.
 */
export async function flatColours(svg: Buffer, size: number): Promise<Int32Array> {
  // Presentation attributes of the root are inherited by every shape.
  const crisp = Buffer.from(svg.toString('utf8').replace(/<svg\b/, '<svg shape-rendering="crispEdges"'));
  return opaqueColours(await rgba(sharp(crisp, { density: svgDensity(size) }), size, 'nearest'));
}

/**
 * The colour of every pixel of a drawing.
 *
 * @param pixels RGBA, 8 bits.
 * @returns a colour 0xrrggbb or {@link TRANSPARENT} per pixel, as of {@link flatColours}.
 */
export function opaqueColours(pixels: Buffer): Int32Array {
  const colours = new Int32Array(pixels.length / 4);
  for (let i = 0; i < colours.length; i++) {
    const alpha = pixels[4 * i + 3]!;
    const onWhite = (value: number): number => 255 + Math.round(((value - 255) * alpha) / 255);
    colours[i] =
      alpha < 128
        ? TRANSPARENT
        : (onWhite(pixels[4 * i]!) << 16) | (onWhite(pixels[4 * i + 1]!) << 8) | onWhite(pixels[4 * i + 2]!);
  }
  return colours;
}
