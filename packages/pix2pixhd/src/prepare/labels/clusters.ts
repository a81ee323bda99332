/**
 * Counted colours to the colours of classes. Depends on palette.ts for types.
 */
import type { Rgb } from './palette.js';

/** How many pixels have each colour, r · 65536 + g · 256 + b. */
export type ColourCounts = Map<number, number>;

/** A colour and the share of the flat pixels that have it, or are its noise. */
export interface Cluster {
  readonly color: Rgb;
  readonly share: number;
}

/** Colours this near, in each channel, are one; after JPEG. */
const ROUNDING = 4;
const JPEG_ROUNDING = 12;
/** How far a colour's noise reaches after JPEG, and how rare it is. */
const NOISE = 24;
const NOISE_RATIO = 0.1;
/** More centres than label images have, rare noise included; what is rarer is left out. */
const MOST_CENTRES = 1024;
/** The share of flat pixels off their colour that tells JPEG. */
const NOISY = 0.005;
/** How far rounding takes a mixture of two colours from being one. */
const MIXTURE = 3;

interface Centre {
  readonly rgb: Rgb;
  readonly key: number;
  count: number;
  /** Pixels of exactly its colour, or after JPEG within rounding of it. */
  core: number;
}

/**
 * The colours of classes, most frequent first; of equally frequent ones the smaller (r, then g, then b).
 * @param flat colours of flat pixels.
 * @param all colours of all pixels, to find those of lines; `undefined` where there are too many for that.
 * @param leastShare of a class among the flat pixels.
 */
export function clustersOf(flat: ColourCounts, all: ColourCounts | undefined, leastShare: number) {
  const total = sum(flat);
  const sorted = [...flat].sort(([a, n], [b, m]) => m - n || a - b);
  const exact = gather(sorted, ROUNDING, 0, flat);
  const off = exact.reduce((pixels, { count, key }) => pixels + count - flat.get(key)!, 0);
  const isNoisy = off > NOISY * total;
  const centres = (isNoisy ? gather(sorted, JPEG_ROUNDING, NOISE, flat) : exact).filter(
    ({ count }) => count >= leastShare * total,
  );
  if (!isNoisy && all !== undefined) centres.push(...lines(all, centres, leastShare));
  centres.sort((a, b) => b.count - a.count || a.key - b.key);
  const clusters = centres.map(({ rgb, count }): Cluster => ({ color: rgb, share: count / total }));
  const rest = Math.max(0, 1 - clusters.reduce((share, cluster) => share + cluster.share, 0));
  return { clusters, rest, isNoisy };
}

/** Each colour, frequent ones first, joins the nearest centre if it is its noise, and becomes one otherwise. */
function gather(sorted: readonly (readonly [number, number])[], rounding: number, noise: number, counts: ColourCounts) {
  const centres: Centre[] = [];
  for (const [key, count] of sorted) {
    const rgb = rgbOf(key);
    const centre = nearest(centres, rgb);
    if (centre !== undefined && belongs(centre, key, rgb, rounding, noise, counts)) centre.count += count;
    else if (centres.length < MOST_CENTRES) centres.push({ rgb, key, count, core: mass(key, counts) });
  }
  return centres;
}

function belongs(centre: Centre, key: number, rgb: Rgb, rounding: number, noise: number, counts: ColourCounts) {
  const apart = Math.max(...rgb.map((value, c) => Math.abs(value - centre.rgb[c]!)));
  if (apart <= rounding) return true;
  return distance(rgb, centre.rgb) <= noise && mass(key, counts) < NOISE_RATIO * centre.core;
}

/** Pixels of a colour and those within 2 of it. */
function mass(key: number, counts: ColourCounts): number {
  let pixels = 0;
  const [r, g, b] = rgbOf(key);
  for (let dr = Math.max(0, r - 2); dr <= Math.min(255, r + 2); dr++)
    for (let dg = Math.max(0, g - 2); dg <= Math.min(255, g + 2); dg++)
      for (let db = Math.max(0, b - 2); db <= Math.min(255, b + 2); db++)
        pixels += counts.get((dr << 16) | (dg << 8) | db) ?? 0;
  return pixels;
}

/** Colours without flat areas that are no mixtures: lines one or two pixels wide. */
function lines(all: ColourCounts, centres: readonly Centre[], leastShare: number): Centre[] {
  const total = sum(all);
  const found: Centre[] = [];
  for (const [key, count] of all) {
    if (count < leastShare * total) continue;
    const rgb = rgbOf(key);
    const centre = nearest(centres, rgb);
    if (centre !== undefined && distance(rgb, centre.rgb) <= NOISE / 2) continue;
    if (!centres.some((a, at) => centres.slice(at + 1).some(b => isMixture(rgb, a.rgb, b.rgb))))
      found.push({ rgb, key, count, core: count });
  }
  return found;
}

/** Whether a colour lies on the line between two, or a little beyond them, as sharpened edges do. */
function isMixture(rgb: Rgb, a: Rgb, b: Rgb): boolean {
  const step = b.map((value, c) => value - a[c]!);
  const along = rgb.reduce((dot, value, c) => dot + (value - a[c]!) * step[c]!, 0);
  const share = along / step.reduce((dot, value) => dot + value * value, 0);
  if (share < -0.15 || share > 1.15) return false;
  return Math.hypot(...rgb.map((value, c) => value - a[c]! - share * step[c]!)) <= MIXTURE;
}

function nearest(centres: readonly Centre[], rgb: Rgb): Centre | undefined {
  let best: Centre | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const centre of centres) {
    const apart = distance(rgb, centre.rgb);
    if (apart < least) [least, best] = [apart, centre];
  }
  return best;
}

function distance(a: Rgb, b: Rgb): number {
  return Math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2);
}

function rgbOf(key: number): Rgb {
  return [key >> 16, (key >> 8) & 255, key & 255];
}

function sum(counts: ColourCounts): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
