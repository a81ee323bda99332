/** The palettes that are built in, by name. Depends on the files beside it. */
import type { Palette } from '../palette.js';
import { ade20k } from './ade20k.js';
import { cityscapes, cityscapesTrainIds } from './cityscapes.js';
import { cocoStuff, cocoStuff171 } from './coco-stuff.js';
import { pascalVoc } from './pascal-voc.js';

/** Cityscapes (ids and training ids), ADE20K, PASCAL VOC, COCO-Stuff (182 and 171 classes); docs/label-colours.md describes them. */
export const builtinPalettes: readonly Palette[] = [
  cityscapes,
  cityscapesTrainIds,
  ade20k,
  pascalVoc,
  cocoStuff,
  cocoStuff171,
];

/** The palette of that name, if it is built in. */
export function builtinPalette(name: string): Palette | undefined {
  return builtinPalettes.find(palette => palette.name === name);
}
