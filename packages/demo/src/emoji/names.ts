/**
 * What the file name of an emoji says: whether it is a flag, which base emoji it is a variant of, and which side of the
 * split that belongs to. Names are code points in hexadecimal joined by `-` (Unicode Technical Standard 51). Depends on
 * Node's hash only.
 */

import { createHash } from 'node:crypto';

/** The two sides of a data set. */
export type Split = 'train' | 'test';

/** Share of the base emoji that are held out. */
const TEST_SHARE = 0.06;

const JOINER = '200d';

/** Signs that are dropped from a name: the variation selector, the five skin tones, the female and the male sign. */
const MODIFIERS = new Set(['fe0f', '1f3fb', '1f3fc', '1f3fd', '1f3fe', '1f3ff', '2640', '2642']);

/** Code points of one gender → the neutral one. */
const NEUTRAL = new Map(
  Object.entries({
    '1f468': '1f9d1', // man → person
    '1f469': '1f9d1', // woman
    '1f466': '1f9d2', // boy → child
    '1f467': '1f9d2', // girl
    '1f474': '1f9d3', // old man → older person
    '1f475': '1f9d3', // old woman
    '1f934': '1fac5', // prince → person with crown
    '1f478': '1fac5', // princess
    '1f57a': '1f483', // man dancing → woman dancing; there is no third
    '1f930': '1fac4', // pregnant woman → pregnant person
    '1fac3': '1fac4', // pregnant man
    '1f936': '1f385', // Mrs Claus → Santa Claus
  }),
);

/** Whole names → their neutral form, where that is written differently. */
const SAME_AS = new Map([['1f9d1-200d-1f384', '1f385']]); // Mx Claus → Santa Claus

/** True for the flags of countries (pairs of regional indicators) and of their parts (tag sequences). */
export function isFlag(name: string): boolean {
  const points = name.split(/[-_]/);
  return points.some(point => /^1f1(e[6-9a-f]|f[0-9a-f])$/.test(point) || /^e00[2-7][0-9a-f]$/.test(point));
}

/**
 * The base emoji of a name: skin tone and gender removed. All variants of one drawing share it, so a split by base
 * never shows the network a held-out drawing in another colour.
 *
 * @example baseEmoji('1f3c3-1f3fb-200d-2640-fe0f') // '1f3c3': woman running, light skin → running
 */
export function baseEmoji(name: string): string {
  const groups = name
    .split(`-${JOINER}-`)
    .map(group => group.split(/[-_]/).filter(point => !MODIFIERS.has(point)))
    .filter(group => group.length > 0)
    .map(group => group.map(point => NEUTRAL.get(point) ?? point).join('-'));
  const base = groups.join(`-${JOINER}-`);
  return SAME_AS.get(base) ?? base;
}

/** The side a name belongs to: decided by the hash of its base emoji alone, hence the same on every machine. */
export function splitOf(name: string): Split {
  const hash = createHash('sha256').update(baseEmoji(name)).digest().readUInt32BE(0);
  return hash / 2 ** 32 < TEST_SHARE ? 'test' : 'train';
}
