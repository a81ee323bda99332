/**
 * The data set of the demo: emoji drawn flat (the input) and shaded (the real image), written as an ordinary data set of
 * pairs, which makes it an example for users' own. Depends on `emoji/` and the file system.
 */

import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EmojiArt, openEmojiArt } from '../emoji/art.js';
import { onWhite } from '../emoji/pair.js';
import { checkSize, type EmojiCounts, type EmojiOptions, forEachPair } from '../emoji/pairs.js';
import { makeFolderOnce } from './made-folder.js';

const ABOUT =
  'Fluent Emoji by Microsoft (MIT license), flat drawings in *_A and shaded ones in *_B. Train and test share no base emoji. Made by pix2pixhd; delete the folder to have it made again.';

/**
 * Makes the folders `train_A`, `train_B`, `test_A`, `test_B` of PNG images on white, named by code point, and
 * `dataset.json`. Returns at once if they exist already. The folder appears complete or not at all.
 *
 * The split is by base emoji (skin tone and gender removed) and by hash: about 6 % of the base emoji are held out.
 *
 * @param out the folder to make.
 * @throws UserError if the folder holds something else.
 */
export async function makeEmojiDataset(out: string, options: EmojiOptions = {}): Promise<EmojiCounts> {
  const { size = 256, limit, onProgress } = options;
  checkSize(size);
  const art = openEmojiArt(limit);
  const recipe = { version: 1, size, limit: limit ?? null, sources: art.sources };
  return makeFolderOnce(out, ABOUT, recipe, folder => writePairs(art, folder, size, onProgress));
}

function writePairs(
  art: EmojiArt,
  folder: string,
  size: number,
  onProgress: EmojiOptions['onProgress'],
): Promise<EmojiCounts> {
  for (const side of ['train_A', 'train_B', 'test_A', 'test_B']) mkdirSync(join(folder, side));
  let done = 0;
  return forEachPair(
    art,
    async ({ name, split, flat, shaded }) => {
      await writeFile(join(folder, `${split}_A`, `${name}.png`), await onWhite(flat, size));
      await writeFile(join(folder, `${split}_B`, `${name}.png`), await onWhite(shaded, size));
    },
    () => onProgress?.(++done, art.names.length),
  );
}
