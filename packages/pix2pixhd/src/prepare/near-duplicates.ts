/**
 * Images that look alike, by a perceptual hash: whether each of 8×8 places is darker than its right neighbour (dHash, Krawetz
 * 2013). Depends on the decoder, sharp and `concurrently.ts`.
 */
import { join } from 'node:path';
import { mapConcurrently } from '../concurrently.js';
import { showable, toSharp } from '../sharp-image.js';
import type { WrittenPair } from './prepare.js';
import { readToShow } from './read-to-show.js';

const SIDE = 8;
/** Hashes that differ in so few of 64 bits are of images that look the same. */
const MOST_BITS = 4;
/** Hashes with fewer ones or zeros are of flat images, which all look alike. */
const LEAST_ONES = 8;

/** 64 bits in two numbers; undefined of an image that has too little in it to tell. */
export type Hash = readonly [number, number] | undefined;

/** The hash of an image file. @throws UserError naming a file that cannot be read. */
export async function hashOf(file: string): Promise<Hash> {
  const image = showable(await readToShow(file));
  const pixels = await toSharp(image)
    .greyscale()
    .resize(SIDE + 1, SIDE, { fit: 'fill', kernel: 'cubic' })
    .normalise()
    .raw()
    .toBuffer();
  const bits: [number, number] = [0, 0];
  let ones = 0;
  for (let i = 0; i < SIDE * SIDE; i++) {
    const at = Math.floor(i / SIDE) * (SIDE + 1) + (i % SIDE);
    if (pixels[at]! >= pixels[at + 1]!) continue;
    bits[i >> 5]! |= 1 << (i & 31);
    ones++;
  }
  return ones < LEAST_ONES || ones > SIDE * SIDE - LEAST_ONES ? undefined : bits;
}

/** Pairs of one list and of another whose hashes nearly agree: the indices in each, each of the first list once. */
export function nearDuplicates(a: readonly Hash[], b: readonly Hash[]): readonly (readonly [number, number])[] {
  return a.flatMap((hash, i) => {
    if (hash === undefined) return [];
    const twin = b.findIndex(
      other => other !== undefined && bitsOf(hash[0] ^ other[0]) + bitsOf(hash[1] ^ other[1]) <= MOST_BITS,
    );
    return twin < 0 ? [] : [[i, twin] as const];
  });
}

/** Ones in 32 bits. */
function bitsOf(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Held-out pairs that look like training pairs, by their targets. */
export async function twinsOf(
  out: string,
  pairs: readonly WrittenPair[],
  onLooked: (done: number, total: number) => void = () => {},
): Promise<readonly (readonly [string, string])[]> {
  const fileOf = ({ files }: WrittenPair) => join(out, (files.image ?? files.source)!);
  const held = pairs.filter(({ phase }) => phase !== 'train');
  const training = pairs.filter(({ phase }) => phase === 'train');
  let looked = 0;
  const total = held.length + training.length;
  const hashes = (list: readonly WrittenPair[]) =>
    mapConcurrently(list, async pair => {
      const hash = await hashOf(fileOf(pair));
      onLooked(++looked, total);
      return hash;
    });
  const [a, b] = held.length === 0 ? [[], []] : [await hashes(held), await hashes(training)];
  return nearDuplicates(a, b).map(([i, k]) => [fileOf(held[i]!), fileOf(training[k]!)] as const);
}
