/** Label images whose truth is known: flat regions, painted in colours, with smooth borders, and through JPEG. */
import sharp from 'sharp';
import type { Rgb } from '../../../src/prepare/labels/palette.js';
import type { Image8 } from '../../../src/raster.js';

/** Numbers in [0, 1) that repeat from run to run. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** Colours at least `apart` from each other. */
export function randomColours(n: number, seed: number, apart = 48): Rgb[] {
  const next = random(seed);
  const byte = () => Math.floor(next() * 256);
  const colours: Rgb[] = [];
  while (colours.length < n) {
    const colour: Rgb = [byte(), byte(), byte()];
    if (colours.every(other => Math.hypot(...colour.map((v, c) => v - other[c]!)) >= apart)) colours.push(colour);
  }
  return colours;
}

/** The class of a point (x, y) of a map: cells around random points, and discs on them. */
function regions(width: number, height: number, classes: number, seed: number): (x: number, y: number) => number {
  const next = random(seed);
  const points = Array.from({ length: classes * 3 }, (_, i) => [next() * width, next() * height, i % classes] as const);
  const discs = Array.from({ length: classes * 2 }, (_, i) => {
    const radius = 6 + next() * Math.min(width, height) * 0.06;
    return [next() * width, next() * height, radius, (i * 7 + 3) % classes] as const;
  });
  return (x, y) => {
    for (const [cx, cy, radius, id] of discs) if ((x - cx) ** 2 + (y - cy) ** 2 < radius ** 2) return id;
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [cx, cy, id] of points) {
      const distance = (x - cx) ** 2 + (y - cy) ** 2;
      if (distance < least) [least, best] = [distance, id];
    }
    return best;
  };
}

/** A scene and how it was made. */
export interface Scene {
  readonly ids: Uint8Array;
  /** In flat colours. */
  readonly flat: Image8;
  /** The same with borders smoothed by 4×4 samples a pixel. */
  readonly smooth: Image8;
}

/** A scene of regions in these colours. */
export function scene(width: number, height: number, colours: readonly Rgb[], seed: number): Scene {
  const classAt = regions(width, height, colours.length, seed);
  const ids = new Uint8Array(width * height);
  const flat = new Uint8Array(width * height * 3);
  const smooth = new Uint8Array(width * height * 3);
  for (let i = 0; i < ids.length; i++) {
    ids[i] = classAt((i % width) + 0.5, Math.floor(i / width) + 0.5);
    flat.set(colours[ids[i]!]!, i * 3);
  }
  smooth.set(flat);
  for (let i = width; i < ids.length - width; i++) {
    const around = [-1, 1, -width, width, -width - 1, -width + 1, width - 1, width + 1];
    if (around.every(step => ids[i + step] === ids[i])) continue;
    const sum = [0, 0, 0];
    for (let sample = 0; sample < 16; sample++) {
      const x = (i % width) + ((sample % 4) + 0.5) / 4;
      const y = Math.floor(i / width) + (Math.floor(sample / 4) + 0.5) / 4;
      for (let c = 0; c < 3; c++) sum[c]! += colours[classAt(x, y)]![c]!;
    }
    for (let c = 0; c < 3; c++) smooth[i * 3 + c] = Math.round(sum[c]! / 16);
  }
  const image = (data: Uint8Array): Image8 => ({ width, height, channels: 3, data });
  return { ids, flat: image(flat), smooth: image(smooth) };
}

/** The image after JPEG. */
export async function throughJpeg({ width, height, data }: Image8, quality: number): Promise<Image8> {
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  const pixels = await sharp(jpeg).raw().toBuffer();
  return { width, height, channels: 3, data: new Uint8Array(pixels) };
}

/** The share of equal values. */
export function agreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  return same / a.length;
}
