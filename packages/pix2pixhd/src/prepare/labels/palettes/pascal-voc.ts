/** The classes of PASCAL VOC: colours by its formula, names by its development kit. Depends on data/labels. */
import { vocColour } from '../../../data/labels/voc-colour.js';
import type { Palette } from '../palette.js';

const names =
  'background, aeroplane, bicycle, bird, boat, bottle, bus, car, cat, chair, cow, diningtable, dog, horse, motorbike, person, pottedplant, sheep, sofa, train, tvmonitor';

/** Ids 0 to 20; the light border around objects, and what is difficult, is no class. */
export const pascalVoc: Palette = {
  name: 'pascal-voc',
  entries: names.split(', ').map((name, id) => ({ id, name, color: vocColour(id), countable: id > 0 })),
  ignore: [[224, 224, 192]],
};
