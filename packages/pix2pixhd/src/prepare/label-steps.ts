/**
 * What is done to the label image of a pair. Depends on labels/ and make.ts.
 */
import { basename } from 'node:path';
import { decodeLabelMap } from '../data/decode/decode.js';
import { UserError } from '../errors.js';
import type { IdMap, Raster } from '../raster.js';
import { idsByPalette } from './labels/ids-by-palette.js';
import { instancesOf } from './labels/instances-of.js';
import { type LabelReading, labelsOf } from './labels/labels-of.js';
import type { Palette } from './labels/palette.js';
import { builtinPalettes } from './labels/palettes/builtin.js';
import type { Panoptic } from './labels/panoptic.js';
import { readLabels } from './labels/read-labels.js';
import { begin, type MadePart, type Step } from './make.js';
import type { RawPair } from './raw-pair.js';

/** What a pair's label image is. */
export async function readingOf(
  pair: RawPair,
  palette: Palette | undefined,
  panoptic: Panoptic | undefined,
): Promise<LabelReading> {
  const { label } = await begin(pair);
  return readPart(label!, palette, panoptic);
}

function readPart(
  part: MadePart,
  palette: Palette | undefined,
  panoptic: Panoptic | undefined,
): LabelReading | Promise<LabelReading> {
  const hints = {
    ...(palette && { palette }),
    ...(panoptic && { panoptic: { panoptic, file: basename(part.file) } }),
  };
  if (part.kind === 'file') return readLabels(part.file, hints);
  const isLossy = !/\.(png|tiff?)$/i.test(part.file);
  return labelsOf(part.pixels as Raster, { ...hints, name: part.file, isLossy });
}

/** Makes label images maps of ids. */
export function labelStep(palette: Palette | undefined, panoptic: Panoptic | undefined): Step {
  return async (made, pair) => {
    const part = made.label!;
    const reading = await readPart(part, palette, panoptic);
    if (reading.kind === 'panoptic')
      return { ...made, label: pixels(reading.labels, part), instance: pixels(reading.instances, part) };
    if (reading.kind !== 'colours') return { ...made, label: pixels(reading.labels, part) };
    if (palette === undefined) throw withoutPalette(pair);
    return { ...made, label: pixels(idsByPalette(reading.image, palette, { name: part.file }).labels, part) };
  };
}

/** Makes connected pixels of classes objects. */
export function instanceStep(classes: readonly number[] | 'all', leastSize: number): Step {
  return async made => {
    const part = made.label!;
    const label = part.kind === 'file' ? await decodeLabelMap(part.file) : (part.pixels as IdMap);
    const { instances } = instancesOf(label, classes, { leastSize, name: part.file });
    return { ...made, instance: pixels(instances, part) };
  };
}

function pixels(map: IdMap, { file }: MadePart): MadePart {
  return { kind: 'pixels', pixels: map, file };
}

/** The error for colours of which nothing says what they mean. */
export function withoutPalette({ parts }: RawPair): UserError {
  return new UserError({
    code: 'NOT_AN_ID_MAP',
    doing: 'looking at label images',
    where: parts.label!.file,
    found: 'colours',
    expected: 'ids, or a palette that says which colour is which class',
    remedy: `give --palette discover, ${builtinPalettes[0]!.name} or another that is built in, or a table: --palette classes.csv`,
  });
}
