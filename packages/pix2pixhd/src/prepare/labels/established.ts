/**
 * Which pixels of a colour-coded image are of a class without doubt, so that they can tell of their neighbours. Depends on
 * colour-table.ts and flat.ts.
 */
import type { Raster } from '../../raster.js';
import { BEYOND, type ColourTable, NONE } from './colour-table.js';
import { isFlat } from './flat.js';

/** Noise of JPEG in flat areas stays within this distance. */
export const NEAR = 24;
/** How many pixels of the 3×3 around one, itself included, establish a class: of its exact colour, or near it. A straight
 * edge that is blurred over two pixels has 6 of one mixture. */
const EXACT_SUPPORT = 4;
const NEAR_SUPPORT = 7;
/** Flat pixels that show a class to be in the image. */
const PRESENT = 9;
/** How far JPEG takes a colour in the blocks of edges. */
const NOISE_OF_OTHERS = 32;

/** Pixels of exact and near colours. */
export interface Established {
  /** The target of each pixel whose colour is that of one or near it; else `NONE` or `BEYOND`. */
  readonly near: Uint16Array;
  /** 1 for each pixel that establishes its class. */
  readonly established: Uint8Array;
}

/**
 * Finds the pixels that establish their class.
 * @param targets the target of each pixel of an exact colour.
 * @param isExact whether the image is not anti-aliased: then every class of the palette may be in it.
 */
export function establishedPixels(
  image: Raster<Uint8Array>,
  targets: Uint16Array,
  table: ColourTable,
  isExact: boolean,
): Established {
  const keyOf = keyReader(image);
  const near = nearTargets(targets, table, keyOf);
  const established = establish(targets, near, image.width);
  if (isExact || !restrictToPresent(image, near, established, table)) return { near, established };
  const nearPresent = nearTargets(targets, table, keyOf);
  return { near: nearPresent, established: establish(targets, nearPresent, image.width) };
}

/** The colour of a pixel as a key. */
export type KeyReader = (index: number) => number;

/** Reads the colours of an image. */
export function keyReader({ data, channels }: Raster<Uint8Array>): KeyReader {
  return i => {
    const from = i * channels;
    return (data[from]! << 16) | (data[from + 1]! << 8) | data[from + 2]!;
  };
}

/** The targets with those of near colours added. */
function nearTargets(targets: Uint16Array, table: ColourTable, keyOf: KeyReader): Uint16Array {
  const near = targets.slice();
  let lastKey = -1;
  let last = NONE;
  for (let i = 0; i < near.length; i++) {
    if (near[i] !== NONE) continue;
    const key = keyOf(i);
    if (key !== lastKey) {
      const target = table.nearest(key);
      last = table.squaredDistance(key, target) <= NEAR * NEAR ? target : NONE;
      lastKey = key;
    }
    near[i] = last;
  }
  return near;
}

/**
 * Leaves out classes that are not in the image, and of whose colours another class's noise may be: some of what a class
 * establishes is flat, while noise that meets its colour hardly ever is.
 * @returns whether there are others.
 */
function restrictToPresent(
  image: Raster<Uint8Array>,
  near: Uint16Array,
  established: Uint8Array,
  table: ColourTable,
): boolean {
  const flat = new Uint32Array(table.colours.length);
  for (let i = 0; i < near.length; i++) {
    const target = near[i]!;
    if (established[i] === 1 && flat[target]! < PRESENT && isFlat(image, i, 1)) flat[target]!++;
  }
  const isShown = flat.map(count => Number(count >= PRESENT));
  const present = isShown.map((shown, target) =>
    Number(shown === 1 || !table.hasNear(target, NOISE_OF_OTHERS, isShown)),
  );
  if (!present.includes(1) || !present.includes(0)) return false;
  table.restrict(present);
  return true;
}

/** 1 for each pixel that establishes its class. */
function establish(targets: Uint16Array, near: Uint16Array, width: number): Uint8Array {
  const established = new Uint8Array(near.length);
  const height = near.length / width;
  for (let y = 0, i = 0; y < height; y++) {
    const first = y > 0 ? -width : 0;
    const last = y + 1 < height ? width : 0;
    for (let x = 0; x < width; x++, i++) {
      const target = near[i]!;
      if (target >= BEYOND) continue;
      const needed = targets[i] === NONE ? NEAR_SUPPORT : EXACT_SUPPORT;
      if (needed === EXACT_SUPPORT && near[i - 1] === target && near[i + 1] === target && near[i - width] === target) {
        // Most pixels; at the sides of the image it may take the other end of a row for a neighbour, which does no harm.
        established[i] = 1;
        continue;
      }
      const from = x > 0 ? -1 : 0;
      const to = x + 1 < width ? 1 : 0;
      let support = 0;
      let looked = 0;
      for (let row = first; row <= last; row += width)
        for (let dx = from; dx <= to; dx++) {
          looked++;
          if (near[i + row + dx] === target) support++;
        }
      // What lies outside the image would be as what lies inside.
      if (support * 9 >= needed * looked) established[i] = 1;
    }
  }
  return established;
}
