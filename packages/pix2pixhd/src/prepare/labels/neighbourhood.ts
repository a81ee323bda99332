/** The classes that are established around a pixel, and whether they explain its colour. Depends on colour-table.ts for types. */
import type { ColourTable } from './colour-table.js';

/** The classes that are established around a pixel. */
export class Neighbourhood {
  readonly #seen: Uint32Array;
  #round = 0;
  readonly #found: number[] = [];

  constructor(
    readonly width: number,
    readonly height: number,
    readonly near: Uint16Array,
    readonly established: Uint8Array,
  ) {
    this.#seen = new Uint32Array(65536);
  }

  /** Those within a radius, in raster order; valid until the next call. */
  classes(index: number, radius: number): readonly number[] {
    const { width, height, near, established } = this;
    const found = this.#found;
    found.length = 0;
    this.#round++;
    const x = index % width;
    const y = (index - x) / width;
    const right = Math.min(width - 1, x + radius);
    const bottom = Math.min(height - 1, y + radius);
    for (let row = Math.max(0, y - radius); row <= bottom; row++)
      for (let at = row * width + Math.max(0, x - radius), end = row * width + right; at <= end; at++) {
        if (established[at] === 0) continue;
        const target = near[at]!;
        if (this.#seen[target] === this.#round) continue;
        this.#seen[target] = this.#round;
        found.push(target);
      }
    return found;
  }

  /**
   * The nearest colour of a neighbourhood's classes, and the square of the distance of the pixel's colour from the nearest
   * mixture of two; `undefined` where there is no class.
   * @param wanted the nearest of all colours: if it is among them, it is taken.
   */
  explain(index: number, radius: number, key: number, wanted: number, table: ColourTable) {
    const classes = this.classes(index, radius);
    if (classes.length === 0) return undefined;
    if (classes.includes(wanted)) return { target: wanted, distance: 0 };
    let target = classes[0]!;
    let least = Number.POSITIVE_INFINITY;
    let distance = Number.POSITIVE_INFINITY;
    for (let a = 0; a < classes.length; a++) {
      const own = table.squaredDifference(key, classes[a]!);
      if (own < least) {
        least = own;
        target = classes[a]!;
      }
      for (let b = a + 1; b < classes.length; b++)
        distance = Math.min(distance, table.squaredDistanceFromMixture(key, classes[a]!, classes[b]!));
    }
    return { target, distance: Math.min(distance, table.squaredDistance(key, target)) };
  }
}
