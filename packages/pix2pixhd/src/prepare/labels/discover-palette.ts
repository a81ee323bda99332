/**
 * The colours of label images whose palette nobody has. Depends on flat.ts, clusters.ts and errors.ts.
 */
import { UserError } from '../../errors.js';
import type { Raster } from '../../raster.js';
import { type ColourCounts, clustersOf } from './clusters.js';
import { isFlat } from './flat.js';
import { LARGEST_ID, type Palette } from './palette.js';

/** Options of {@link discoverPalette}. */
export interface DiscoverOptions {
  /** The least share of the flat pixels that a class has; default 1 in 10,000. */
  readonly leastShare?: number;
  /** The most classes, at most 255 (the default); more is an error. */
  readonly mostClasses?: number;
  /** What errors call the images. */
  readonly name?: string;
}

/** A palette and what it is founded on. */
export interface Discovery {
  /** Classes `class 0`, `class 1`, …, by frequency, the most frequent first. */
  readonly palette: Palette;
  /** The share of the flat pixels that each class has. */
  readonly shares: readonly number[];
  /** The share that is left to no class. */
  readonly rest: number;
  readonly images: number;
  /** Whether flat areas have more than their colours, as after JPEG. */
  readonly isNoisy: boolean;
}

/** A pixel is flat where its neighbours differ by no more. */
const FLAT = 2;
/** Where there are more different colours than these, the images are not label images. */
const MOST_FLAT_COLOURS = 1 << 18;
/** More different colours than these, and lines are not looked for. */
const MOST_LINE_COLOURS = 1 << 14;

/**
 * Finds the colours of a set of label images.
 *
 * The rule: a class is a colour that at least `leastShare` of the flat pixels have, those whose eight neighbours differ from
 * them by at most 4 in each channel; what differs less from a more frequent colour, and after JPEG (where more than 1 flat
 * pixel in 200 is off the colour of its class) what lies within 24 of one ten times as frequent, is that one's noise. Where there
 * is no noise, a colour without flat pixels is a class too, of lines, if it has `leastShare` of all pixels and is no mixture of
 * two others. The result depends on the images alone, not on their order.
 *
 * @param images RGB or RGBA of 8 bits; pixels less than half opaque do not count.
 * @throws UserError where there is no class, or more than `mostClasses`.
 */
export async function discoverPalette(
  images: AsyncIterable<Raster<Uint8Array>> | Iterable<Raster<Uint8Array>>,
  options: DiscoverOptions = {},
): Promise<Discovery> {
  const { leastShare = 1e-4, mostClasses = LARGEST_ID + 1, name } = options;
  const flat: ColourCounts = new Map();
  const all: ColourCounts = new Map();
  let count = 0;
  for await (const image of images) {
    count++;
    countColours(image, flat, all);
    if (flat.size > MOST_FLAT_COLOURS) throw unsuitable(`more than ${MOST_FLAT_COLOURS} colours in flat areas`, name);
  }
  if (flat.size === 0) throw unsuitable(`no flat areas in ${count} image(s)`, name);
  const withLines = all.size <= MOST_LINE_COLOURS;
  const { clusters, rest, isNoisy } = clustersOf(flat, withLines ? all : undefined, leastShare);
  if (clusters.length === 0 || clusters.length > mostClasses)
    throw unsuitable(`${clusters.length} colours with at least ${leastShare} of the flat pixels`, name);
  return {
    palette: {
      name: 'discovered',
      entries: clusters.map(({ color }, id) => ({ id, name: `class ${id}`, color })),
    },
    shares: clusters.map(({ share }) => share),
    rest,
    images: count,
    isNoisy,
  };
}

/** Adds the colours of an image to those of flat pixels and of all. */
function countColours(image: Raster<Uint8Array>, flat: ColourCounts, all: ColourCounts): void {
  const { width, height, channels, data } = image;
  if (channels !== 3 && channels !== 4) throw new RangeError(`${channels} channels, expected RGB or RGBA`);
  const flatRun = runCounter(flat);
  const run = runCounter(all);
  for (let i = 0, from = 0; i < width * height; i++, from += channels) {
    if (channels === 4 && data[from + 3]! < 128) continue;
    const key = (data[from]! << 16) | (data[from + 1]! << 8) | data[from + 2]!;
    if (isFlat(image, i, FLAT)) flatRun(key);
    if (all.size <= MOST_LINE_COLOURS) run(key);
  }
  flatRun(-1);
  run(-1);
}

/** Counts keys, one look-up for a run of equal ones; -1 ends the last run. */
function runCounter(counts: ColourCounts): (key: number) => void {
  let last = -1;
  let length = 0;
  return key => {
    if (key === last) {
      length++;
      return;
    }
    if (last >= 0) counts.set(last, (counts.get(last) ?? 0) + length);
    last = key;
    length = 1;
  };
}

function unsuitable(found: string, name?: string): UserError {
  return new UserError({
    code: 'NOT_AN_ID_MAP',
    doing: 'finding the colours of label images',
    ...(name !== undefined && { where: name }),
    found,
    expected: `label images: areas of flat colours, at most ${LARGEST_ID + 1} of them`,
    remedy: 'check that these are label images and not photographs, or give their palette',
  });
}
