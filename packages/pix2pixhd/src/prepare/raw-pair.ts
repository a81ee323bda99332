/**
 * `prepare/`: from raw material to a data set. Sources say which files belong together (`sources/`); pairs are split into
 * phases, their parts made or linked, and what was decided is written down.
 *
 * This file says what a pair is before it is prepared. Depends on nothing.
 */

/** What a part becomes: an input image, a target image, or a map of ids. */
export type PartRole = 'source' | 'image' | 'label' | 'instance';

/** The roles in the order in which they are shown. */
export const PART_ROLES: readonly PartRole[] = ['label', 'source', 'instance', 'image'];

/** One of several images of equal size in one file, side by side or one above the other. */
export interface Panel {
  /** From 0, from the left or from the top. */
  readonly index: number;
  readonly of: number;
  readonly stacked: boolean;
}

/** Where a part comes from. */
export interface Part {
  readonly file: string;
  /** Left out where it is the whole image. */
  readonly panel?: Panel;
}

/** Files that show one scene. */
export interface RawPair {
  /** Its name in the data set. */
  readonly stem: string;
  /** Where the material is split already: `train`, `test`. */
  readonly phase?: string;
  /** What it was recorded with: a sequence, a city, a subject. Pairs of one group are alike. */
  readonly group?: string;
  readonly parts: { readonly [role in PartRole]?: Part };
}

/** Pairs, and what could not be paired. */
export interface Material {
  /** In words: `the layout of KAIST`. */
  readonly what: string;
  readonly pairs: readonly RawPair[];
  /** Files without a partner, and why. */
  readonly leftOut: readonly { readonly file: string; readonly why: string }[];
}
