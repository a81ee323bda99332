/**
 * Text as outlines, for images. A bare server has no fonts and renders text in an SVG as empty boxes; outlines of
 * a font that comes with this package look the same everywhere. Depends on opentype.js and the font Figtree.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';

/** The font weights of plain text and of headings. */
export type Weight = 'medium' | 'bold';

const FILES: Record<Weight, string> = {
  medium: '@fontsource/figtree/files/figtree-latin-500-normal.woff',
  bold: '@fontsource/figtree/files/figtree-latin-700-normal.woff',
};

const loaded = new Map<Weight, opentype.Font>();

/** The width of a line of text in pixels. */
export function textWidth(text: string, size: number, weight: Weight = 'medium'): number {
  const font = fontOf(weight);
  return font.getAdvanceWidth(drawable(font, text), size);
}

/**
 * An SVG `path` element of one line of text.
 *
 * @param x the left end in pixels.
 * @param y the baseline.
 * @param fill any SVG colour.
 */
export function textPath(
  text: string,
  x: number,
  y: number,
  size: number,
  fill: string,
  weight: Weight = 'medium',
): string {
  const font = fontOf(weight);
  const outline = font.getPath(drawable(font, text), x, y, size).commands.map(pathCommand).join('');
  return `<path fill="${fill}" d="${outline}"/>`;
}

/** The text, shortened in the middle to `width` pixels: both ends of a file name carry information. */
export function shortened(text: string, width: number, size: number, weight: Weight = 'medium'): string {
  const characters = [...text];
  let result = text;
  for (let kept = characters.length - 1; kept > 0 && textWidth(result, size, weight) > width; kept--) {
    const tail = Math.floor(kept / 2);
    result = `${characters.slice(0, kept - tail).join('')}…${characters.slice(characters.length - tail).join('')}`;
  }
  return result;
}

/** SVG's form of one command. The library's own writer rounds some coordinates to NaN (2.0.0), which ends the drawing. */
function pathCommand(command: opentype.PathCommand): string {
  const points: number[] = [];
  if (command.type === 'Q' || command.type === 'C') points.push(command.x1, command.y1);
  if (command.type === 'C') points.push(command.x2, command.y2);
  if (command.type !== 'Z') points.push(command.x, command.y);
  return command.type + points.map(value => value.toFixed(2)).join(' ');
}

/** The font covers Latin; other characters become question marks rather than boxes. */
function drawable(font: opentype.Font, text: string): string {
  return [...text].map(character => (font.charToGlyphIndex(character) > 0 ? character : '?')).join('');
}

function fontOf(weight: Weight): opentype.Font {
  let font = loaded.get(weight);
  if (font === undefined) {
    const bytes = readFileSync(createRequire(import.meta.url).resolve(FILES[weight]));
    font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    loaded.set(weight, font);
  }
  return font;
}
