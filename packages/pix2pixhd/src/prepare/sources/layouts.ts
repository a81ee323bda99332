/**
 * The folders of published data sets, as rules for the names of their files. Depends on match.ts and the walk through a
 * folder. Sources: the data sets' own descriptions.
 */
import { relative, sep } from 'node:path';
import { walkFolder } from '../../data/find/walk.js';
import { cityscapesClasses } from '../../data/labels/cityscapes.js';
import type { LabelClass } from '../../data/labels/classes.js';
import type { Material } from '../raw-pair.js';
import { matchNames, type NamedFile, type NameRules } from './match.js';

/** A published layout. */
export interface Layout {
  /** As the option names it. */
  readonly name: string;
  readonly what: string;
  readonly rules: NameRules;
  /** Of its label maps. */
  readonly classes?: readonly LabelClass[];
}

/** The layouts that are known. Of KAIST, LLVIP and FLIR the thermal image is the input. */
export const LAYOUTS: readonly Layout[] = [
  {
    name: 'cityscapes',
    // Its maps of the phase test are empty: val is held out.
    what: 'Cityscapes (gtFine and leftImg8bit)',
    classes: cityscapesClasses,
    rules: {
      label: /(?:^|\/)gtFine\/(?<phase>train|val)\/(?<group>[^/]+)\/(?<stem>[^/]+)_gtFine_labelIds\.png$/,
      instance: /(?:^|\/)gtFine\/(?<phase>train|val)\/(?<group>[^/]+)\/(?<stem>[^/]+)_gtFine_instanceIds\.png$/,
      image: /(?:^|\/)leftImg8bit\/(?<phase>train|val)\/(?<group>[^/]+)\/(?<stem>[^/]+)_leftImg8bit\.(?:png|jpg)$/,
    },
  },
  {
    name: 'kaist',
    what: 'KAIST multispectral pedestrians (lwir and visible)',
    rules: {
      source: /(?:^|\/)(?<group>set\d+\/V\d+)\/lwir\/(?<stem>I\d+)\.(?:jpg|png)$/,
      image: /(?:^|\/)(?<group>set\d+\/V\d+)\/visible\/(?<stem>I\d+)\.(?:jpg|png)$/,
    },
  },
  {
    name: 'llvip',
    what: 'LLVIP (infrared and visible)',
    rules: {
      source: /(?:^|\/)infrared\/(?<phase>train|test)\/(?<stem>[^/]+)\.(?:jpg|png)$/,
      image: /(?:^|\/)visible\/(?<phase>train|test)\/(?<stem>[^/]+)\.(?:jpg|png)$/,
    },
  },
  {
    name: 'flir',
    what: 'FLIR ADAS (thermal and RGB)',
    rules: {
      source:
        /(?:^|\/)(?<phase>train|val|video)\/(?:thermal_16_bit|thermal_8_bit)\/(?<stem>FLIR_(?:video_)?\d+)\.(?:tiff?|jpe?g|png)$/,
      image: /(?:^|\/)(?<phase>train|val|video)\/RGB\/(?<stem>FLIR_(?:video_)?\d+)\.(?:jpe?g|png)$/,
    },
  },
];

/** The files below a folder with their names relative to it, as rules have them. */
export function namedFiles(folder: string, outputs: readonly string[] = []): readonly NamedFile[] {
  return walkFolder(folder, outputs).files.map(file => ({ file, name: relative(folder, file).replaceAll(sep, '/') }));
}

/** The material of a folder in a layout. Of images of 16 and of 8 bits those of 16 count. */
export function readLayout(files: readonly NamedFile[], { rules, what }: Layout): Material {
  const has16 = files.some(({ name }) => name.includes('thermal_16_bit/'));
  const used = has16 ? files.filter(({ name }) => !name.includes('thermal_8_bit/')) : files;
  const material = matchNames({ label: used, instance: used, source: used, image: used }, rules, what);
  return { ...material, pairs: material.pairs.map(withPhaseOfOurs) };
}

/** The layout that a folder has; undefined where it has none of them. */
export function recogniseLayout(files: readonly NamedFile[]): Layout | undefined {
  return LAYOUTS.find(({ rules }) => Object.values(rules).every(rule => files.some(({ name }) => rule!.test(name))));
}

/** `val` is what others call the pairs that are held out. */
function withPhaseOfOurs<P extends { readonly phase?: string }>(pair: P): P {
  return pair.phase === 'val' ? { ...pair, phase: 'test' } : pair;
}
