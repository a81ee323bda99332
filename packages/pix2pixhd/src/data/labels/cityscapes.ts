/** The classes of Cityscapes by their ids, as its label maps have them (labels.py of its scripts: ids, names, colours, instances). */
import type { LabelClass } from './classes.js';

const rows = `unlabeled 000000
ego_vehicle 000000
rectification_border 000000
out_of_roi 000000
static 000000
dynamic 6f4a00
ground 510051
road 804080
sidewalk f423e8
parking faaaa0
rail_track e6968c
building 464646
wall 66669c
fence be9999
guard_rail b4a5b4
bridge 966464
tunnel 96785a
pole 999999
polegroup 999999
traffic_light faaa1e
traffic_sign dcdc00
vegetation 6b8e23
terrain 98fb98
sky 4682b4
person dc143c *
rider ff0000 *
car 00008e *
truck 000046 *
bus 003c64 *
caravan 00005a *
trailer 00006e *
train 005064 *
motorcycle 0000e6 *
bicycle 770b20 *
license_plate 00008e`;

/** Ids 0 to 34. */
export const cityscapesClasses: readonly LabelClass[] = rows.split('\n').map((row, id) => {
  const [name, colour, countable] = row.split(' ');
  return { id, name: name!.replaceAll('_', ' '), colour: `#${colour}`, countable: countable === '*' };
});
