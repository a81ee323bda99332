/**
 * What the file says of itself: the entry `pix2pixhd` of its metadata, as JSON, which `@pix2pixhd/web` reads. Depends on the
 * configuration, data and styles.
 */
import type { StyleBook } from '@pix2pixhd/web/scene';
import { toArgv } from '../config/argv.js';
import { trainCommand } from '../config/commands/train.js';
import { imageInputs } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';
import type { LabelClass } from '../data/labels/classes.js';
import { parseRange, parseRanges, type ValueRange } from '../data/values/range.js';
import { outputScale } from '../inference/to-images.js';
import { usesBoundary, usesFeatures, usesImages } from '../networks/build.js';
import { leastSide, sizeMultiple } from '../networks/sizes.js';
import { shellWord } from '../shell-word.js';

import type { ConditionShape, ImageValues } from './condition-graph.js';
import { resultTypes } from './result-graph.js';

/** The key of the metadata. */
export const metadataKey = 'pix2pixhd';

/** The version of what follows. */
const formatVersion = 1;

/** What the metadata of a file say. */
export interface Description {
  readonly version: typeof formatVersion;
  readonly kind: 'generator' | 'encoder';
  readonly name: string;
  /** Steps that it was trained for. */
  readonly step: number;
  /** The command that trained it, without the paths of the machine that it ran on. */
  readonly command: string;
  readonly licence?: string;
  /** 0: no label maps. */
  readonly labelNc: number;
  readonly needsInstances: boolean;
  readonly image: {
    readonly channels: number;
    readonly dtype: ImageValues['dtype'];
    readonly ranges: Ranges | null;
  } | null;
  readonly style: {
    readonly channels: number;
    /** A style for each class of an image rather than for each instance. */
    readonly perClass: boolean;
    readonly book: DescribedStyles | null;
  } | null;
  readonly output: {
    readonly channels: number;
    readonly dtype: 'uint8' | 'uint16' | 'float32';
    readonly black: number;
    readonly white: number;
    /** They are all that the type of the targets' files holds. */
    readonly full: boolean;
  };
  readonly classes: readonly LabelClass[] | null;
  /** What the graph pads to inside. */
  readonly sizes: { readonly multiple: number; readonly least: number };
  /** Dropout is noise: there is an input `seed`, int32, and another seed gives another image. */
  readonly noise: boolean;
}

type Ranges = NonNullable<ImageValues['ranges']>;

/** A style book as JSON. */
interface DescribedStyles {
  readonly mean: readonly number[];
  readonly classes: Readonly<
    Record<
      number,
      { readonly mean: readonly number[]; readonly clusters: readonly { centre: readonly number[]; count: number }[] }
    >
  >;
}

/** A generator and what belongs to it. */
export interface Described {
  readonly config: TrainConfig;
  readonly step: number;
  readonly book: StyleBook | undefined;
  readonly classes: readonly LabelClass[] | undefined;
  readonly hasNoise: boolean;
  readonly licence: string | undefined;
}

/** The description of a generator or of its encoder. */
export function describe(kind: Description['kind'], network: Described): Description {
  const { config, step, book, classes, hasNoise, licence } = network;
  const { labelNc, outputNc, featNum, labelFeat } = config;
  const { depth, black, white } = outputScale(config);
  const image = imageValues(config);
  return {
    version: formatVersion,
    kind,
    name: config.name,
    step,
    command: commandOf(config),
    ...(licence !== undefined && { licence }),
    labelNc,
    needsInstances: usesBoundary(config),
    image: image === undefined ? null : { ...image, ranges: image.ranges ?? null },
    style: usesFeatures(config)
      ? { channels: featNum, perClass: labelFeat, book: book === undefined ? null : stylesOf(book) }
      : null,
    output: {
      ...{ channels: outputNc, dtype: resultTypes[depth], black, white },
      full: typeof parseRange(config.outputRange) === 'string',
    },
    classes: classes ?? null,
    sizes: { multiple: sizeMultiple(config), least: leastSide(config) },
    noise: hasNoise,
  };
}

/** What a generator of this configuration reads. */
export function conditionShape(config: TrainConfig): ConditionShape {
  return {
    labelNc: config.labelNc,
    boundary: usesBoundary(config),
    image: imageValues(config),
    featNum: usesFeatures(config) ? config.featNum : 0,
    multiple: sizeMultiple(config),
    least: leastSide(config),
  };
}

/** Input images; undefined where there are none. */
function imageValues(
  config: Pick<TrainConfig, 'labelNc' | 'inputs' | 'inputNc' | 'inputRange'>,
): ImageValues | undefined {
  if (!usesImages(config)) return undefined;
  return valuesIn(parseRanges(config.inputRange), config.inputNc, imageInputs(config)?.length ?? 1);
}

/** The images that a network was trained to make, as an encoder reads them. */
export function targetValues({
  outputNc,
  ...config
}: Pick<TrainConfig, 'outputNc' | 'outputRange' | 'outputDepth'>): ImageValues {
  const { depth, black, white } = outputScale(config);
  const dtype = depth === '8' ? 'uint8' : 'float32';
  return { channels: outputNc, dtype, ranges: [{ channels: outputNc, black, white }] };
}

/**
 * @param ranges one for all inputs, or one for each.
 * @param inputs how many there are, one channel each unless they are alike.
 */
function valuesIn(ranges: readonly ValueRange[], channels: number, inputs: number): ImageValues {
  const known = ranges.map(range =>
    range === 'full'
      ? { black: 0, white: 255 }
      : typeof range === 'object'
        ? { black: range.low, white: range.high }
        : undefined,
  );
  const eightBits = ranges.every(range => range === 'full');
  const each = known.length === 1 ? channels : 1;
  // Of an image by itself, or of several inputs of which nobody knows how many channels each has.
  if (known.includes(undefined) || (known.length > 1 && inputs !== channels))
    return { channels, dtype: 'float32', ranges: undefined };
  return {
    channels,
    dtype: eightBits ? 'uint8' : 'float32',
    ranges: known.map(range => ({ channels: each, ...range! })),
  };
}

function stylesOf({ mean, classes }: StyleBook): DescribedStyles {
  return {
    mean: [...mean],
    classes: Object.fromEntries(
      [...classes].map(([id, styles]) => [
        id,
        {
          mean: [...styles.mean],
          clusters: styles.clusters.map(({ centre, count }) => ({ centre: [...centre], count })),
        },
      ]),
    ),
  };
}

/** Options with paths of the machine that trained, or of the stages that are over. */
const left = {
  dataroot: undefined,
  checkpointsDir: undefined,
  loadPretrain: undefined,
  vggWeights: undefined,
  cacheDir: undefined,
  stages: undefined,
};

function commandOf(config: TrainConfig): string {
  return ['pix2pixhd train', ...toArgv(trainCommand, { ...config, ...left } as never).map(shellWord)].join(' ');
}
