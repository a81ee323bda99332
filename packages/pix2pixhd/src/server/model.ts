/** What the page is told of the generator: its classes with names and colours, its styles, its size. Depends on the data module. */
import type { Model } from '@pix2pixhd/editor/protocol';
import { type DrawnValues, plainDrawing } from '@pix2pixhd/editor/session';
import type { GeneratorInfo } from '../api/engine.js';
import { cityscapesClasses } from '../data/labels/cityscapes.js';
import { type LabelClass, readClasses } from '../data/labels/classes.js';

/**
 * Describes a generator.
 * @param dataroot the data set that it was trained on, whose `classes.json` counts before what its file says.
 * @param inputs how images are drawn.
 */
export function describeModel(
  name: string,
  info: GeneratorInfo,
  size: { readonly width: number; readonly height: number },
  dataroot: string | null,
  { values }: DrawnValues = plainDrawing,
): Model {
  const { labelNc, inputChannels, styles } = info;
  return {
    name,
    labelNc,
    inputChannels,
    values,
    ...size,
    classes: [...classesOf(info, dataroot)],
    styles: styles && {
      per: styles.per,
      channels: styles.channels,
      clusters: [...styles.centres].map(([id, centres]): [number, number[][]] => [
        id,
        centres.map(centre => [...centre]),
      ]),
      fromImages: styles.fromImages,
    },
  };
}

function classesOf(
  { labelNc, needsInstances, classes }: GeneratorInfo,
  dataroot: string | null,
): readonly LabelClass[] {
  const named = (dataroot === null ? undefined : readClasses(dataroot)) ?? classes ?? undefined;
  if (named !== undefined) return named.slice(0, labelNc);
  if (labelNc === cityscapesClasses.length) return cityscapesClasses;
  return Array.from({ length: labelNc }, (_, id) => ({
    id,
    name: `class ${id}`,
    colour: distinctColour(id),
    countable: needsInstances,
  }));
}

/** Neighbours on the list are far apart: hues by the golden angle, in three degrees of lightness. */
function distinctColour(id: number): string {
  const hue = (id * 137.508) % 360;
  const lightness = [0.55, 0.4, 0.7][Math.floor(id / 12) % 3]!;
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    const value = lightness - 0.65 * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
