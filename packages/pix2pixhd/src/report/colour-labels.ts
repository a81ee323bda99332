/**
 * Colours for label maps, for people to look at. Depends on data/labels.
 */
import { cityscapesClasses } from '../data/labels/cityscapes.js';
import { classColours } from '../data/labels/classes.js';
import { vocColour } from '../data/labels/voc-colour.js';

/** Used where there are as many classes. */
const cityscapes = classColours(cityscapesClasses);

/** The colour of each of `classes` ids. */
export function labelColours(classes: number): readonly (readonly [number, number, number])[] {
  return classes === cityscapes.length ? cityscapes : Array.from({ length: classes }, (_, id) => vocColour(id + 1));
}

/** Paints a label map. @returns RGB interleaved, 3 bytes per pixel; ids without a class are black. */
export function colourLabels(labels: ArrayLike<number>, classes: number): Uint8Array {
  return paintLabels(labels, labelColours(classes));
}

/** Paints a label map, each id with the colour at that index. As {@link colourLabels}. */
export function paintLabels(
  labels: ArrayLike<number>,
  colours: readonly (readonly [number, number, number])[],
): Uint8Array {
  const pixels = new Uint8Array(labels.length * 3);
  for (let i = 0; i < labels.length; i++) {
    const colour = colours[labels[i]!];
    if (colour !== undefined) pixels.set(colour, i * 3);
  }
  return pixels;
}
