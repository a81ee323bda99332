/**
 * Label images of any kind on their way into a data set: colours, masks, one-hot stacks and panoptic images become maps of ids;
 * connected pixels of a class become instances. Depends on labels/ and make.ts.
 */
import { readFileSync } from 'node:fs';
import type { LabelClass } from '../data/labels/classes.js';
import { spread } from '../data/survey/survey.js';
import { reasonOf, UserError } from '../errors.js';
import type { Raster } from '../raster.js';
import { readingOf, withoutPalette } from './label-steps.js';
import { discoverPalette } from './labels/discover-palette.js';
import type { LabelReading } from './labels/labels-of.js';
import { classesOfPalette, type Palette } from './labels/palette.js';
import { builtinPalette, builtinPalettes } from './labels/palettes/builtin.js';
import { type Panoptic, parsePanoptic } from './labels/panoptic.js';
import { readPalette } from './labels/read-palette.js';
import type { RawPair } from './raw-pair.js';
import type { StepSpec } from './steps.js';

/** What the options say of label maps. */
export interface LabelOptions {
  /** `discover`, a palette that is built in, or a file; null where maps hold ids. */
  readonly palette: string | null;
  /** COCO's JSON file of panoptic images. */
  readonly panoptic: string | null;
  /** `all`, or ids of classes whose connected pixels are objects; null for none. */
  readonly instancesOf: string | null;
  readonly leastInstance: number;
}

/** How label maps are made, and what their classes are. */
export interface LabelTreatment {
  /** Pairs whose label maps are label maps, also where the material called them images. */
  readonly pairs: readonly RawPair[];
  readonly steps: readonly StepSpec[];
  readonly classes?: readonly LabelClass[];
  /** Sentences for people, and the same for `dataset.json`. */
  readonly told: readonly string[];
  readonly decided: Readonly<Record<string, unknown>>;
}

/** Label images that are looked at to tell their kind, and that a palette is discovered from. */
const LOOKED_AT = 8;
const DISCOVERED_FROM = 60;

/**
 * Decides what is done to the label images of pairs.
 *
 * @throws UserError where they are colours and no palette says of what, or an option does not fit.
 */
export async function treatLabels(found: readonly RawPair[], options: LabelOptions): Promise<LabelTreatment> {
  const { palette: wanted, panoptic: panopticFile } = options;
  const isLabels = wanted !== null || panopticFile !== null;
  // A palette says that the inputs are labels: those of composites, or of a folder of images.
  const pairs = isLabels ? found.map(asLabels) : found;
  const labelled = pairs.filter(({ parts }) => parts.label !== undefined);
  if (labelled.length === 0) {
    if (isLabels || options.instancesOf !== null) throw withoutLabels();
    return { pairs, steps: [], told: [], decided: {} };
  }
  const panoptic = panopticFile === null ? undefined : parsePanopticFile(panopticFile);
  const palette = wanted === null ? undefined : await paletteOf(wanted, labelled);
  const kinds = await Promise.all(spread(labelled, LOOKED_AT).map(pair => readingOf(pair, palette, panoptic)));
  const odd = kinds.find(({ kind }) => kind === 'colours');
  if (odd !== undefined && palette === undefined) throw withoutPalette(labelled[0]!);
  const areIds = kinds.every(reading => reading.kind === 'ids' && !reading.equalChannels);
  const steps: StepSpec[] = areIds ? [] : [{ kind: 'labels', palette, panoptic }];
  const instances = options.instancesOf === null ? undefined : instanceClasses(options.instancesOf);
  if (instances !== undefined) steps.push({ kind: 'instances', classes: instances, leastSize: options.leastInstance });
  const classes = palette ? classesOfPalette(palette) : panoptic ? classesOfPalette(panoptic.palette) : undefined;
  return {
    pairs,
    steps,
    ...(classes && { classes }),
    told: [
      ...(areIds ? [] : [`Label images: ${kindInWords(kinds)}.`]),
      ...(palette && wanted === 'discover'
        ? [`Discovered ${palette.entries.length} colours; correct their names in classes.json.`]
        : []),
      ...(instances === undefined
        ? []
        : [
            `Objects are connected pixels of ${options.instancesOf === 'all' ? 'every class but 0' : `the classes ${options.instancesOf}`}.`,
          ]),
    ],
    decided: {
      ...(palette && { palette: palette.entries }),
      ...(panopticFile !== null && { panoptic: panopticFile }),
      ...(instances !== undefined && { instancesOf: options.instancesOf, leastInstance: options.leastInstance }),
    },
  };
}

function asLabels(pair: RawPair): RawPair {
  const { source, label = source, ...others } = pair.parts;
  return label === undefined ? pair : { ...pair, parts: { ...others, label } };
}

async function paletteOf(wanted: string, pairs: readonly RawPair[]): Promise<Palette> {
  if (wanted === 'discover') {
    const { palette } = await discoverPalette(colourImages(spread(pairs, DISCOVERED_FROM)));
    return palette;
  }
  return builtinPalette(wanted) ?? (/\.(csv|json)$/i.test(wanted) ? readPalette(wanted) : unknownPalette(wanted));
}

async function* colourImages(pairs: readonly RawPair[]): AsyncGenerator<Raster<Uint8Array>> {
  for (const pair of pairs) {
    const reading = await readingOf(pair, undefined, undefined);
    if (reading.kind === 'colours') yield reading.image;
  }
}

function instanceClasses(text: string): readonly number[] | 'all' {
  if (text === 'all') return 'all';
  const ids = text.split(',').map(Number);
  if (ids.every(id => Number.isInteger(id) && id >= 0)) return ids;
  throw badOption('--instances-of', text, 'all, or ids of classes separated by commas: 24,25,26');
}

const kindNames: Readonly<Record<LabelReading['kind'], string>> = {
  ids: 'ids in three equal channels',
  mask: 'masks of 0 and 255',
  'one-hot': 'a channel for each class',
  panoptic: "COCO's panoptic images",
  colours: 'colours of a palette',
};

function kindInWords(readings: readonly LabelReading[]): string {
  return [...new Set(readings.map(({ kind }) => kindNames[kind]))].join(', ');
}

function parsePanopticFile(path: string): Panoptic {
  try {
    return parsePanoptic(readFileSync(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing: 'reading the segments of panoptic images',
        where: path,
        found: reasonOf(cause),
        expected: "COCO's JSON file",
        remedy: 'check the path',
      },
      { cause },
    );
  }
}

function unknownPalette(wanted: string): never {
  const names = builtinPalettes.map(({ name }) => name).join(', ');
  throw badOption('--palette', wanted, `discover, ${names}, or a file that ends in .csv or .json`);
}

function badOption(where: string, found: string, expected: string): UserError {
  return new UserError({
    code: 'BAD_OPTION',
    doing: 'choosing what becomes of label images',
    where,
    found,
    expected,
    remedy: `correct ${where}`,
  });
}

function withoutLabels(): UserError {
  return badOption(
    '--palette',
    'material without label images',
    'label images: --labels FOLDER, or composites whose input they are',
  );
}
