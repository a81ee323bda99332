/**
 * Colours to targets: exact ones by a hash, the nearest otherwise. Depends on palette.ts and data/labels.
 */
import { IGNORE_LABEL } from '../../data/labels/values.js';
import { colourText, type Palette, type Rgb } from './palette.js';

/** In place of a target: none has been found yet, and none will be. */
export const NONE = 0xffff;
export const BEYOND = 0xfffe;

/** Colours are hashed into so many places, many more than there are colours of a palette. */
const EXACT_BITS = 14;
/** Nearest colours that are remembered. */
const NEAREST_BITS = 16;

/** How much more luma counts than chroma, which JPEG stores at half the resolution. */
const LUMA_WEIGHT = 4;

const place = (key: number, bits: number) => Math.imul(key + 1, 0x9e3779b1) >>> (32 - bits);

/**
 * The different colours of a palette, numbered in its order: targets. Where classes share a colour the first has it.
 *
 * A colour is a key here, r · 65536 + g · 256 + b.
 */
export class ColourTable {
  /** Colour of each target. */
  readonly colours: readonly Rgb[];
  /** Class of each target, or 255. */
  readonly ids: Uint8Array;
  /** 1 for each target whose colour other classes have too. */
  readonly isShared: Uint8Array;
  readonly #keys = new Int32Array(1 << EXACT_BITS).fill(-1);
  readonly #targets = new Uint16Array(1 << EXACT_BITS);
  readonly #nearestKeys = new Int32Array(1 << NEAREST_BITS).fill(-1);
  readonly #nearest = new Uint16Array(1 << NEAREST_BITS);
  readonly #flat: Int32Array;
  #candidates: Uint16Array;

  constructor({ entries, ignore = [] }: Palette) {
    const all = [...entries, ...ignore.map(color => ({ id: IGNORE_LABEL, color }))];
    const byColour = new Map<string, { id: number; color: Rgb; shared: boolean }>();
    for (const { id, color } of all) {
      const known = byColour.get(colourText(color));
      if (known === undefined) byColour.set(colourText(color), { id, color, shared: false });
      else known.shared ||= known.id !== id;
    }
    const targets = [...byColour.values()];
    if (targets.length === 0 || targets.length > 1 << (EXACT_BITS - 2))
      throw new RangeError(`${targets.length} colours in a palette`);
    this.colours = targets.map(({ color }) => color);
    this.ids = Uint8Array.from(targets, ({ id }) => id);
    this.isShared = Uint8Array.from(targets, ({ shared }) => Number(shared));
    this.#flat = Int32Array.from(this.colours.flat());
    this.#candidates = Uint16Array.from(targets, (_, target) => target);
    for (const [target, [r, g, b]] of this.colours.entries()) {
      const key = (r << 16) | (g << 8) | b;
      let at = place(key, EXACT_BITS);
      while (this.#keys[at] !== -1) at = (at + 1) & ((1 << EXACT_BITS) - 1);
      this.#keys[at] = key;
      this.#targets[at] = target;
    }
  }

  /** The target of exactly that colour, or {@link NONE}. */
  exact(key: number): number {
    for (let at = place(key, EXACT_BITS); ; at = (at + 1) & ((1 << EXACT_BITS) - 1)) {
      const known = this.#keys[at]!;
      if (known === key) return this.#targets[at]!;
      if (known === -1) return NONE;
    }
  }

  /** From now on, only these targets are near to colours. */
  restrict(isPresent: ArrayLike<number>): void {
    this.#candidates = this.#candidates.filter(target => isPresent[target] === 1);
    this.#nearestKeys.fill(-1);
  }

  /** The target of the nearest colour, by Euclidean distance; of several the first. */
  nearest(key: number): number {
    const at = place(key, NEAREST_BITS);
    if (this.#nearestKeys[at] === key) return this.#nearest[at]!;
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const target of this.#candidates) {
      const distance = this.squaredDistance(key, target);
      if (distance < least) {
        least = distance;
        best = target;
      }
    }
    this.#nearestKeys[at] = key;
    this.#nearest[at] = best;
    return best;
  }

  /** Whether one of some targets' colours is within a distance of a target's. */
  hasNear(target: number, distance: number, among: ArrayLike<number>): boolean {
    const [r, g, b] = this.colours[target]!;
    const key = (r << 16) | (g << 8) | b;
    return this.colours.some(
      (_, other) => other !== target && among[other] === 1 && this.squaredDistance(key, other) <= distance * distance,
    );
  }

  /** The square of the distance of a colour from a target's. */
  squaredDistance(key: number, target: number): number {
    const r = (key >> 16) - this.#flat[target * 3]!;
    const g = ((key >> 8) & 255) - this.#flat[target * 3 + 1]!;
    const b = (key & 255) - this.#flat[target * 3 + 2]!;
    return r * r + g * g + b * b;
  }

  /** As the square of the distance, with luma counting for more. */
  squaredDifference(key: number, target: number): number {
    const r = (key >> 16) - this.#flat[target * 3]!;
    const g = ((key >> 8) & 255) - this.#flat[target * 3 + 1]!;
    const b = (key & 255) - this.#flat[target * 3 + 2]!;
    const luma = 0.299 * r + 0.587 * g + 0.114 * b;
    return r * r + g * g + b * b + LUMA_WEIGHT * luma * luma;
  }

  /**
   * The square of the distance of a colour from the mixtures of two targets' colours.
   * @param margin how much of each a mixture has at least.
   */
  squaredDistanceFromMixture(key: number, a: number, b: number, margin = 0): number {
    const flat = this.#flat;
    let along = 0;
    let length = 0;
    for (let c = 0; c < 3; c++) {
      const from = flat[a * 3 + c]!;
      const step = flat[b * 3 + c]! - from;
      along += (((key >> (16 - 8 * c)) & 255) - from) * step;
      length += step * step;
    }
    const share = Math.min(1 - margin, Math.max(margin, along / length));
    let sum = 0;
    for (let c = 0; c < 3; c++) {
      const from = flat[a * 3 + c]!;
      const off = ((key >> (16 - 8 * c)) & 255) - from - share * (flat[b * 3 + c]! - from);
      sum += off * off;
    }
    return sum;
  }
}
