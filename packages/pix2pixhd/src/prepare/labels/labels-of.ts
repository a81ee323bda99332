/**
 * What kind of label image pixels are. Depends on one-hot.ts, panoptic.ts, data/labels and errors.ts.
 */
import { IGNORE_LABEL, looksLikeMask } from '../../data/labels/values.js';
import { UserError } from '../../errors.js';
import type { IdMap, Raster } from '../../raster.js';
import { oneHotLabels } from './one-hot.js';
import type { Palette } from './palette.js';
import { type PanopticLabels, type PanopticSource, panopticLabels } from './panoptic.js';

/** What {@link labelsOf} made of an image. */
export type LabelReading =
  /** Ids as they are; `equalChannels` where they are in red, green and blue alike. */
  | { readonly kind: 'ids'; readonly labels: IdMap; readonly equalChannels: boolean }
  /** A mask of 0 and 255: 0 and 1 in `labels`. */
  | { readonly kind: 'mask'; readonly labels: IdMap; readonly equalChannels: boolean }
  /** One channel per class: its number, from 0. */
  | { readonly kind: 'one-hot'; readonly labels: IdMap }
  /** COCO's panoptic format. */
  | ({ readonly kind: 'panoptic' } & PanopticLabels)
  /** Colours, for `idsByPalette` or `discoverPalette`; 3 or 4 channels of 8 bits. */
  | { readonly kind: 'colours'; readonly image: Raster<Uint8Array> };

/** What is known of an image besides its pixels. */
export interface LabelHints {
  /** What errors call it. */
  readonly name?: string;
  /** Its palette: where all its greys are colours of it, they are colours and not ids. */
  readonly palette?: Palette;
  /** Its segments: it is in COCO's panoptic format. */
  readonly panoptic?: PanopticSource;
  /** Whether it has been through JPEG or the like: grey can be a mask, but no ids. */
  readonly isLossy?: boolean;
}

/** Of a mask after JPEG, so many pixels are within this distance of black or white. */
const MASK_SHARE = 0.9;
const MASK_NOISE = 48;

/**
 * Recognises what a label image is. In this order:
 *
 * 1. with `panoptic`: COCO's format, label and instances;
 * 2. one channel, or three that are equal: ids, but a mask where there are only 0 and 255, and both; after JPEG a mask
 *    where 9 in 10 pixels are nearly black or white;
 * 3. one channel per class, of which one is set: any number of channels but RGB(A), or RGB with 0 and 1;
 * 4. RGB or RGBA: colours. Of 16 bits, where they are those of 8 bits times 257.
 *
 * A palette PNG is not seen from its pixels: `readLabels` knows it from the file.
 *
 * @throws UserError where it is none of these.
 */
export function labelsOf(image: Raster, hints: LabelHints = {}): LabelReading {
  const { name, palette, panoptic, isLossy = false } = hints;
  const { channels, alpha = false } = image;
  if (panoptic !== undefined) return { kind: 'panoptic', ...panopticLabels(eightBits(image, name), panoptic) };
  const colours = alpha ? channels - 1 : channels;
  if (colours === 1 || (colours === 3 && hasEqualChannels(image, isLossy))) {
    const grey = firstChannel(image);
    if (colours === 1 || palette === undefined || !greysOf(palette, grey))
      return greyLabels(grey, colours === 3, isLossy, name);
  }
  const isRgb = colours === 3 || channels === 4;
  const stack = colours === channels ? oneHotLabels(image) : { found: 'an alpha channel' };
  if ('labels' in stack && !(channels === 3 && stack.largest > 1)) return { kind: 'one-hot', labels: stack.labels };
  if (isRgb) return { kind: 'colours', image: eightBits(image, name) };
  throw notLabels(`${channels} channels: ${'found' in stack ? stack.found : 'no classes'}`, name);
}

/** After JPEG, greys may differ by what rounding does to them. */
function hasEqualChannels({ data, channels }: Raster, isLossy: boolean): boolean {
  const most = isLossy ? 2 : 0;
  for (let i = 0; i < data.length; i += channels)
    if (Math.abs(data[i]! - data[i + 1]!) > most || Math.abs(data[i]! - data[i + 2]!) > most) return false;
  return true;
}

function firstChannel({ width, height, channels, data }: Raster): Raster {
  return { width, height, channels: 1, data: channels === 1 ? data : data.filter((_, i) => i % channels === 0) };
}

/** Whether all values of a map are greys of a palette. */
function greysOf({ entries, ignore = [] }: Palette, { data }: Raster): boolean {
  const isGrey = new Uint8Array(256);
  for (const [r, g, b] of [...entries.map(({ color }) => color), ...ignore]) if (r === g && r === b) isGrey[r] = 1;
  return data.every(value => isGrey[value] === 1);
}

function greyLabels(grey: Raster, equalChannels: boolean, isLossy: boolean, name?: string): LabelReading {
  const { width, height, data } = grey;
  const isMask = data instanceof Float32Array ? data.every(v => v === 0 || v === 1) : looksLikeMask(data);
  if (isMask || (isLossy && isNearlyMask(data))) {
    const white = data instanceof Float32Array ? 1 : 255;
    const mask = Uint8Array.from(data, value => Number(value * 2 > white));
    return { kind: 'mask', labels: { width, height, channels: 1, data: mask }, equalChannels };
  }
  if (isLossy) throw notLabels('grey in a format that changes ids, and not only black and white', name);
  if (data instanceof Float32Array) throw notLabels('floating-point values that are not all 0 or 1', name);
  return { kind: 'ids', labels: { width, height, channels: 1, data }, equalChannels };
}

function isNearlyMask(data: Raster['data']): boolean {
  let low = 0;
  let high = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i]! <= MASK_NOISE) low++;
    else if (data[i]! >= IGNORE_LABEL - MASK_NOISE) high++;
  }
  return low > 0 && high > 0 && low + high >= MASK_SHARE * data.length;
}

/** Colours of 16 bits that are those of 8 bits, and 8 bits. */
function eightBits(image: Raster, name?: string): Raster<Uint8Array> {
  const { data, width, channels } = image;
  if (data instanceof Uint8Array) return { ...image, data };
  const odd = data instanceof Float32Array ? 0 : data.findIndex(value => value % 257 !== 0);
  if (odd < 0) return { ...image, data: Uint8Array.from(data, value => value / 257) };
  const pixel = Math.floor(odd / channels);
  throw notLabels(
    `colours of more than 8 bits (${data[odd]} in channel ${(odd % channels) + 1} at x ${pixel % width}, y ${Math.floor(pixel / width)})`,
    name,
  );
}

function notLabels(found: string, name?: string): UserError {
  return new UserError({
    code: 'NOT_AN_ID_MAP',
    doing: 'recognising a label image',
    ...(name !== undefined && { where: name }),
    found,
    expected: 'ids, a mask of 0 and 255, colours of 8 bits, or one channel per class of which one is set',
    remedy: 'save the labels in one of these forms, as PNG or TIFF; docs/label-colours.md describes them',
  });
}
