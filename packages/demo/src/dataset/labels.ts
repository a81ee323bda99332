/**
 * The demo's data sets of label maps: emoji as label maps and instance maps, shaded ones as the images to make, in
 * NVIDIA's folders. Classes are the colours of a palette, and either those of the flat drawing or those of the very image, as
 * of an annotated photograph. Depends on `emoji/`, `colours/`, sharp and the file system.
 */

import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLASSES_FILE, type LabelClass, mapConcurrently } from 'pix2pixhd/internal';
import sharp from 'sharp';
import { nameColours } from '../colours/names.js';
import { choosePalette, Palette } from '../colours/palette.js';
import { type Rgb, toHex } from '../colours/space.js';
import { type EmojiArt, openEmojiArt } from '../emoji/art.js';
import { flatColours, opaqueColours, TRANSPARENT } from '../emoji/drawn-colours.js';
import type { Split } from '../emoji/names.js';
import { onWhite, rgba } from '../emoji/pair.js';
import { checkSize, type EmojiCounts, type EmojiOptions, forEachPair } from '../emoji/pairs.js';
import { makeFolderOnce } from './made-folder.js';
import { divide } from './regions.js';

/** Classes of the label maps (`--label-nc`): the transparent background is 0, the palette's colours follow. */
export const EMOJI_LABEL_CLASSES = 33;

/** What was made. */
export interface EmojiLabelCounts extends EmojiCounts {
  /** Mean number of instances of a map, the background not counted. */
  readonly meanInstances: number;
  /** Mean absolute difference per channel between the training drawings and their nearest classes, on [0, 255]. */
  readonly colourError: number;
}

/** A region of fewer pixels than this, in an image of 256×256, is merged into a neighbour. */
const MIN_AREA = 24;

/** The palette is chosen at this size, so that it does not depend on the size asked for. */
const SAMPLED = 256;

/** One of this many opaque pixels is a sample; a prime number, so that samples do not line up in columns. */
const SAMPLE_STRIDE = 997;

/** Which of an emoji's two drawings its label map is of. */
export type Annotated = 'flat' | 'shaded';

const about = (of: Annotated) =>
  `Fluent Emoji by Microsoft (MIT license): ${of} drawings as label maps (classes in classes.json) and instance maps (0 is background, class * 1000 + index the rest), shaded drawings as images. Train and test share no base emoji. Made by pix2pixhd; delete the folder to have it made again.`;

/**
 * Makes the folders `train_label`, `train_inst`, `train_img` and those of `test`, named by code point, `classes.json` (a
 * list of {@link LabelClass}) and `dataset.json`. Returns at once if they exist already. The folder appears
 * complete or not at all. Emoji and split are those of `makeEmojiDataset`.
 *
 * Label maps of the shaded drawings are of the images themselves: a pixel's class is that of its own colour.
 *
 * The palette of 32 colours is chosen by k-means over the training drawings and does not depend on `size`. Regions below
 * 24 pixels (at 256×256; in proportion at other sizes) are merged into the neighbour with the longest common border.
 *
 * @param out the folder to make.
 * @throws UserError if the folder holds something else.
 */
export async function makeEmojiLabelDataset(
  out: string,
  options: EmojiOptions = {},
  of: Annotated = 'flat',
): Promise<EmojiLabelCounts> {
  const { size = 256, limit, onProgress = () => {} } = options;
  checkSize(size);
  const art = openEmojiArt(limit);
  const recipe = { version: 1, size, limit: limit ?? null, sources: art.sources, classes: EMOJI_LABEL_CLASSES };
  return makeFolderOnce(out, about(of), { ...recipe, ...(of === 'shaded' && { of }) }, async folder => {
    for (const split of ['train', 'test'])
      for (const role of ['label', 'inst', 'img']) mkdirSync(join(folder, `${split}_${role}`));
    let done = 0;
    const tick = (): void => onProgress(++done, 2 * art.names.length);
    const { counts, found, samples } = await writeImages(art, of, folder, size, tick);
    const palette = new Palette(choosePalette(samples, EMOJI_LABEL_CLASSES - 1));
    await writeFile(join(folder, CLASSES_FILE), `${JSON.stringify(classesOf(palette), null, 2)}\n`);
    const figures = await writeMaps(art, of, found, palette, folder, size, tick);
    while (done < 2 * art.names.length) tick();
    return { ...counts, ...figures };
  });
}

interface Found {
  readonly name: string;
  readonly split: Split;
}

/** Writes the shaded drawings, and takes samples of the colours of the annotated ones of the training side. */
async function writeImages(
  art: EmojiArt,
  of: Annotated,
  folder: string,
  size: number,
  tick: () => void,
): Promise<{ counts: EmojiCounts; found: Found[]; samples: Rgb[] }> {
  const found: Found[] = [];
  const samplesOf = new Map<string, Rgb[]>();
  const counts = await forEachPair(
    art,
    async ({ name, split, shaded }) => {
      found.push({ name, split });
      await writeFile(join(folder, `${split}_img`, `${name}.png`), await onWhite(shaded, size));
      if (split === 'train') samplesOf.set(name, sampleColours(await coloursOf(art, of, name, SAMPLED)));
    },
    tick,
  );
  // In the order of names, not the order in which emoji happened to be ready: k-means depends on it.
  const samples = [...samplesOf.keys()].sort().flatMap(name => samplesOf.get(name)!);
  return { counts, found, samples };
}

/** The colours that the classes of a label map stand for, (size, size). */
async function coloursOf(art: EmojiArt, of: Annotated, name: string, size: number): Promise<Int32Array> {
  if (of === 'flat') return flatColours(await art.flat(name), size);
  return opaqueColours(await rgba(sharp(await art.shaded(name), { failOn: 'error' }), size));
}

function sampleColours(colours: Int32Array): Rgb[] {
  const samples: Rgb[] = [];
  let opaque = 0;
  for (const colour of colours) {
    if (colour === TRANSPARENT || opaque++ % SAMPLE_STRIDE !== 0) continue;
    samples.push([colour >> 16, (colour >> 8) & 255, colour & 255]);
  }
  return samples;
}

function classesOf({ colours }: Palette): LabelClass[] {
  const names = nameColours(colours);
  return [
    { id: 0, name: 'background', colour: '#ffffff', countable: false },
    ...colours.map((colour, i) => ({ id: i + 1, name: names[i]!, colour: toHex(colour), countable: true })),
  ];
}

async function writeMaps(
  art: EmojiArt,
  of: Annotated,
  found: readonly Found[],
  palette: Palette,
  folder: string,
  size: number,
  tick: () => void,
): Promise<{ meanInstances: number; colourError: number }> {
  const minArea = MIN_AREA * (size / 256) ** 2;
  const error = new ErrorMean();
  let instances = 0;
  await mapConcurrently(found, async ({ name, split }) => {
    const colours = await coloursOf(art, of, name, size);
    const nearest = nearestClasses(colours, palette);
    if (split === 'train') error.add(colours, nearest, palette);
    const { label, instance } = divide(nearest, size, size, minArea);
    const ids = new Set(instance);
    instances += ids.size - (ids.has(0) ? 1 : 0);
    await writeFile(join(folder, `${split}_label`, `${name}.png`), await greyPng(label, size));
    await writeFile(join(folder, `${split}_inst`, `${name}.png`), await greyPng(instance, size));
    tick();
  });
  return { meanInstances: rounded(instances / found.length), colourError: rounded(error.mean) };
}

/** The class of each pixel. */
function nearestClasses(colours: Int32Array, palette: Palette): Uint8Array {
  const classes = new Uint8Array(colours.length);
  for (let i = 0; i < colours.length; i++) {
    if (colours[i] !== TRANSPARENT) classes[i] = 1 + palette.nearest(colours[i]!);
  }
  return classes;
}

/** The mean absolute difference between colours and the classes they were given. */
class ErrorMean {
  // A sum of whole numbers is the same in every order.
  #sum = 0;
  #values = 0;

  add(colours: Int32Array, nearest: Uint8Array, palette: Palette): void {
    for (let i = 0; i < colours.length; i++) {
      const colour = colours[i]!;
      if (colour === TRANSPARENT) continue;
      const [r, g, b] = palette.colours[nearest[i]! - 1]!;
      this.#sum += Math.abs(r - (colour >> 16)) + Math.abs(g - ((colour >> 8) & 255)) + Math.abs(b - (colour & 255));
      this.#values += 3;
    }
  }

  get mean(): number {
    return this.#sum / this.#values;
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

/** A one-channel PNG, 8 or 16 bits by the type of the values. */
function greyPng(values: Uint8Array | Uint16Array, size: number): Promise<Buffer> {
  return sharp(values, { raw: { width: size, height: size, channels: 1 } })
    .toColourspace(values instanceof Uint16Array ? 'grey16' : 'b-w')
    .png({ compressionLevel: 6 })
    .toBuffer();
}
