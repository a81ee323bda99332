/**
 * A few colours that represent all colours of many drawings, by k-means in CIE L*a*b*. Depends on ml-kmeans.
 */

import { kmeans } from 'ml-kmeans';
import { labDistance, type Rgb, toLab, toRgb } from './space.js';

/** k-means has converged when the centres move less than this (ΔE²) in one step. */
const TOLERANCE = 1e-4;

/**
 * Chooses the colours, the darkest first. The same samples in the same order give the same colours on every machine.
 *
 * @param samples colours as often as they occur, at least as many as `size`.
 * @param size how many colours to choose.
 * @throws RangeError where there are fewer samples.
 */
export function choosePalette(samples: readonly Rgb[], size: number): Rgb[] {
  if (samples.length < size) throw new RangeError(`${size} colours from ${samples.length} samples`);
  const points = samples.map(colour => [...toLab(colour)]);
  const { centroids } = kmeans(points, size, { seed: 0, initialization: 'kmeans++', tolerance: TOLERANCE });
  return centroids
    .map(([l, a, b]) => [l!, a!, b!] as const)
    .sort((one, other) => one[0] - other[0])
    .map(toRgb);
}

/** Finds the colour of a palette that looks most like another one. */
export class Palette {
  readonly colours: readonly Rgb[];
  readonly #lab;
  /** Colour as 0xrrggbb → index: drawings repeat theirs. */
  readonly #known = new Map<number, number>();

  constructor(colours: readonly Rgb[]) {
    this.colours = colours;
    this.#lab = colours.map(toLab);
  }

  /** @param colour 0xrrggbb. @returns an index of {@link colours}. */
  nearest(colour: number): number {
    const known = this.#known.get(colour);
    if (known !== undefined) return known;
    const lab = toLab([colour >> 16, (colour >> 8) & 255, colour & 255]);
    let best = 0;
    for (let i = 1; i < this.#lab.length; i++) {
      if (labDistance(this.#lab[i]!, lab) < labDistance(this.#lab[best]!, lab)) best = i;
    }
    this.#known.set(colour, best);
    return best;
  }
}
