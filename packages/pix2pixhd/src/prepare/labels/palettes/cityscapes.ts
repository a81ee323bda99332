/** Cityscapes' colours, for the ids of its label maps and for its training ids. Depends on data/labels. */
import { cityscapesClasses } from '../../../data/labels/cityscapes.js';
import { hexColour, type Palette, type PaletteEntry, type Rgb } from '../palette.js';

/**
 * Ids 0 to 34, the last one licence plates, which the label maps lack. Where ids share a colour the first has it: black is
 * 0 (not 1 to 4), poles are 17 (not 18), and licence plates are cars.
 */
export const cityscapes: Palette = {
  name: 'cityscapes',
  entries: cityscapesClasses.map(({ id, name, colour, countable }) => ({
    id,
    name,
    color: hexColour(colour),
    countable,
  })),
};

/** The ids that are trained on and evaluated, in the order of their training ids. */
const trained = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

const same = (a: Rgb, b: Rgb) => a.every((value, c) => value === b[c]);

const trainEntries: readonly PaletteEntry[] = trained.map((id, trainId) => ({
  ...cityscapes.entries[id]!,
  id: trainId,
}));

/** Training ids 0 to 18; the other colours are no class. */
export const cityscapesTrainIds: Palette = {
  name: 'cityscapes-train-ids',
  entries: trainEntries,
  ignore: cityscapes.entries
    .map(({ color }) => color)
    .filter((color, at, all) => all.findIndex(other => same(other, color)) === at)
    .filter(color => !trainEntries.some(entry => same(entry.color, color))),
};
