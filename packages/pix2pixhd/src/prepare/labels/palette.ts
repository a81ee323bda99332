/**
 * `prepare/labels/`: label images of every usual kind to class ids and instances. Pure functions over rasters, apart from
 * the readers of files (read-palette.ts, read-labels.ts, panoptic-file.ts).
 *
 * This file says what a palette is. Depends on data/labels.
 */
import type { LabelClass } from '../../data/labels/classes.js';
import { vocColour } from '../../data/labels/voc-colour.js';

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [r: number, g: number, b: number];

/** A class and one colour of it. */
export interface PaletteEntry {
  /** 0 to {@link LARGEST_ID}. */
  readonly id: number;
  readonly name: string;
  readonly color: Rgb;
  /** Whether it has objects that can be told apart; default false. */
  readonly countable?: boolean;
}

/** What colours of a label image stand for. */
export interface Palette {
  readonly name: string;
  /** A class may have several colours. Where classes share one, the first has it. */
  readonly entries: readonly PaletteEntry[];
  /** Colours of pixels without a class, which become 255. */
  readonly ignore?: readonly Rgb[];
}

/** The largest id of a class; 255 means "no class" (`IGNORE_LABEL`). */
export const LARGEST_ID = 254;

/** The colour of `rrggbb` or `#rrggbb`. */
export function hexColour(text: string): Rgb {
  const value = Number.parseInt(text.replace('#', ''), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** A colour as people write it: `#8040c0`. */
export function colourText([r, g, b]: Rgb): string {
  return `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, '0')}`;
}

/**
 * The classes of a palette as `classes.json` lists them, each at the index that is its id, with its first colour. An id that
 * the palette lacks becomes a class named `unused ID`.
 */
export function classesOfPalette({ entries }: Palette): readonly LabelClass[] {
  const size = entries.reduce((most, { id }) => Math.max(most, id + 1), 0);
  return Array.from({ length: size }, (_, id) => {
    const entry = entries.find(other => other.id === id);
    const { name, color, countable } = entry ?? { name: `unused ${id}`, color: vocColour(id + 1) };
    return { id, name, colour: colourText(color), countable: countable ?? false };
  });
}
