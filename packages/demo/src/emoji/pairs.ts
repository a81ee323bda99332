/**
 * All emoji that make a pair, each with its side of the split: what the demo's data sets have in common. Depends on the
 * artwork through `art.ts`, and on sharp through `pair.ts`.
 */

import { mapConcurrently } from 'pix2pixhd/internal';
import type { EmojiArt } from './art.js';
import { type Split, splitOf } from './names.js';
import { drawPair, type EmojiPair, type Unfit } from './pair.js';

/** How to make a data set of emoji. */
export interface EmojiOptions {
  /** Width and height of the images in pixels; default 256, the size of the shaded drawings. */
  readonly size?: number;
  /** Called as the work goes on, `total` times. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Look only at about this many emoji, spread over all of them. For tests. */
  readonly limit?: number;
}

/** Numbers of pairs, and of emoji that are not a pair, by reason. */
export interface EmojiCounts {
  readonly train: number;
  readonly test: number;
  readonly dropped: {
    /** Flags: all alike in outline, and the shaded ones wave. */
    readonly flags: number;
    /** Drawings with gradient fills in the flat package. */
    readonly gradients: number;
    /** Pairs whose outlines overlap less than 0.85. */
    readonly misaligned: number;
  };
}

/** An emoji that makes a pair. */
export interface FoundPair extends EmojiPair {
  readonly name: string;
  readonly split: Split;
}

/** @throws RangeError where images cannot have this size. */
export function checkSize(size: number): void {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`size of the emoji: ${size}`);
}

/**
 * Calls `use` with every pair, several at a time and in no fixed order, and counts.
 *
 * @param onLooked called after every emoji looked at, pair or not.
 */
export async function forEachPair(
  art: EmojiArt,
  use: (pair: FoundPair) => Promise<void>,
  onLooked: () => void,
): Promise<EmojiCounts> {
  const counted: Record<Split | Unfit, number> = { train: 0, test: 0, gradients: 0, misaligned: 0 };
  await mapConcurrently(art.names, async name => {
    const pair = await drawPair(await art.flat(name), await art.shaded(name));
    const split = splitOf(name);
    if (typeof pair === 'object') await use({ ...pair, name, split });
    counted[typeof pair === 'object' ? split : pair]++;
    onLooked();
  });
  const { train, test, gradients, misaligned } = counted;
  return { train, test, dropped: { flags: art.flags, gradients, misaligned } };
}
