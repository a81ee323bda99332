/**
 * The parts of a pair as they go into the data set: a file that is linked, or pixels that are written. Steps change them one
 * after the other. Depends on the decoder and raw-pair.ts.
 */
import { decodeStored } from '../data/decode/decode.js';
import { UserError } from '../errors.js';
import { crop, type StoredRaster } from '../raster.js';
import type { Panel, PartRole, RawPair } from './raw-pair.js';

/** A part on its way: as its file has it, or as pixels. */
export type MadePart =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'pixels'; readonly pixels: StoredRaster; readonly file: string };

/** The parts of a pair. */
export type Made = { readonly [role in PartRole]?: MadePart };

/** What is done to the parts of every pair. */
export type Step = (made: Made, pair: RawPair) => Promise<Made> | Made;

/** The parts as they are found: panels are cut out. */
export async function begin({ parts }: RawPair): Promise<Made> {
  const made: { [role in PartRole]?: MadePart } = {};
  // Panels of one file are decoded once.
  const decoded = new Map<string, StoredRaster>();
  for (const [role, part] of Object.entries(parts) as [PartRole, NonNullable<RawPair['parts'][PartRole]>][]) {
    const { file, panel } = part;
    if (panel === undefined) {
      made[role] = { kind: 'file', file };
      continue;
    }
    const whole = decoded.get(file) ?? (await decodeStored(file));
    decoded.set(file, whole);
    made[role] = { kind: 'pixels', pixels: cutOf(whole, panel, file), file };
  }
  return made;
}

/** The pixels of a part. */
export function pixelsOf(part: MadePart): Promise<StoredRaster> | StoredRaster {
  return part.kind === 'pixels' ? part.pixels : decodeStored(part.file);
}

function cutOf(whole: StoredRaster, panel: Panel, file: string): StoredRaster {
  try {
    return cut(whole, panel);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UserError({
      code: 'IMAGE_UNSUITABLE',
      doing: 'cutting an image into its panels',
      where: file,
      found: cause.message,
      expected: 'several images in one',
      remedy: 'take the file out of the material, or correct --panels',
    });
  }
}

/** One of several equal images in one; a remainder that they do not share is left out. */
export function cut(image: StoredRaster, { index, of, stacked }: Panel): StoredRaster {
  const [width, height] = stacked
    ? [image.width, Math.floor(image.height / of)]
    : [Math.floor(image.width / of), image.height];
  if (width === 0 || height === 0)
    throw new RangeError(`an image of ${image.width}×${image.height} has no ${of} panels`);
  const box = { x: stacked ? 0 : index * width, y: stacked ? index * height : 0, width, height };
  return crop(image, box);
}
