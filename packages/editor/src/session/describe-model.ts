/** What a page is told of a generator: its classes with names and colours, its styles, its size. Depends on the protocol. */
import type { Model } from '../protocol/messages.js';
import { type DrawnValues, plainDrawing } from './drawn-values.js';

/** What is known of a generator, as programs have it. */
export interface DescribedGenerator {
  /** 0 where inputs are images. */
  readonly labelNc: number;
  readonly inputChannels: number;
  readonly needsInstances: boolean;
  readonly styles: {
    readonly per: 'instance' | 'class';
    readonly channels: number;
    /** The style features of each style of a class, by class. */
    readonly centres: ReadonlyMap<number, readonly ArrayLike<number>[]>;
    readonly fromImages: boolean;
  } | null;
}

/**
 * Describes a generator.
 * @param classes its classes; null where nobody knows them: they get numbers for names, and colours far apart.
 * @param inputs how images are drawn.
 */
export function describeModel(
  name: string,
  generator: DescribedGenerator,
  size: { readonly width: number; readonly height: number },
  classes: Model['classes'] | null,
  { values }: DrawnValues = plainDrawing,
): Model {
  const { labelNc, inputChannels, styles } = generator;
  return {
    name,
    labelNc,
    inputChannels,
    values,
    ...size,
    classes: classes?.slice(0, labelNc) ?? numbered(generator),
    styles: styles && {
      per: styles.per,
      channels: styles.channels,
      clusters: [...styles.centres].map(([id, centres]): [number, number[][]] => [
        id,
        centres.map(centre => Array.from(centre)),
      ]),
      fromImages: styles.fromImages,
    },
  };
}

function numbered({ labelNc, needsInstances }: DescribedGenerator): Model['classes'] {
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
