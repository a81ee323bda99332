/**
 * The classes of COCO-Stuff, by name (source: its labels.txt). The data set comes as maps of ids, category minus one, and no
 * colours of it are agreed upon; these are made by PASCAL VOC's formula. Depends on data/labels.
 */
import { vocColour } from '../../../data/labels/voc-colour.js';
import type { Palette } from '../palette.js';

/** Categories 1 to 91, things. */
const things = `person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, street sign,
stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, hat, backpack,
umbrella, shoe, eye glasses, handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat,
baseball glove, skateboard, surfboard, tennis racket, bottle, plate, wine glass, cup, fork, knife, spoon, bowl,
banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed,
mirror, dining table, window, desk, toilet, door, tv, laptop, mouse, remote, keyboard, cell phone, microwave, oven,
toaster, sink, refrigerator, blender, book, clock, vase, scissors, teddy bear, hair drier, toothbrush, hair brush`;

/** Categories 92 to 182, stuff. */
const stuff = `banner, blanket, branch, bridge, building-other, bush, cabinet, cage, cardboard, carpet, ceiling-other, ceiling-tile,
cloth, clothes, clouds, counter, cupboard, curtain, desk-stuff, dirt, door-stuff, fence, floor-marble, floor-other,
floor-stone, floor-tile, floor-wood, flower, fog, food-other, fruit, furniture-other, grass, gravel, ground-other,
hill, house, leaves, light, mat, metal, mirror-stuff, moss, mountain, mud, napkin, net, paper, pavement, pillow,
plant-other, plastic, platform, playingfield, railing, railroad, river, road, rock, roof, rug, salad, sand, sea,
shelf, sky-other, skyscraper, snow, solid-other, stairs, stone, straw, structural-other, table, tent, textile-other,
towel, tree, vegetable, wall-brick, wall-concrete, wall-other, wall-panel, wall-stone, wall-tile, wall-wood,
water-other, waterdrops, window-blind, window-other, wood`;

/** In the list, but not in the data set. */
const removed: ReadonlySet<string> = new Set([
  'street sign',
  'hat',
  'shoe',
  'eye glasses',
  'plate',
  'mirror',
  'window',
  'desk',
  'door',
  'blender',
  'hair brush',
]);

interface Named {
  readonly name: string;
  readonly countable: boolean;
}

const listed = (names: string, countable: boolean): Named[] => names.split(/,\s/).map(name => ({ name, countable }));

const classes: readonly Named[] = [...listed(things, true), ...listed(stuff, false)];

/** Black is left for pixels without a class. */
const entriesOf = (named: readonly Named[]) =>
  named.map(({ name, countable }, id) => ({ id, name, color: vocColour(id + 1), countable }));

/** All 182 categories as the pixel maps of the data set have them: ids 0 to 181, one less than the category. */
export const cocoStuff: Palette = { name: 'coco-stuff', entries: entriesOf(classes), ignore: [[0, 0, 0]] };

/** The 171 that occur, numbered without gaps: ids 0 to 170, the usual training ids. */
export const cocoStuff171: Palette = {
  name: 'coco-stuff-171',
  entries: entriesOf(classes.filter(({ name }) => !removed.has(name))),
  ignore: [[0, 0, 0]],
};
