/**
 * Which pairs are held out, so that none of them has a twin in training: frames that follow each other are alike, and so are
 * pairs of one sequence, city or subject. Depends on data/random.ts and raw-pair.ts.
 */
import { shuffledOrder } from '../data/random.js';
import type { RawPair } from './raw-pair.js';

/** What stays together. */
export type SplitUnit = 'phase' | 'group' | 'block' | 'pair';

/** How pairs are split. */
export interface SplitRule {
  readonly unit: SplitUnit;
  /** Share that is held out; exactly as far as units allow. */
  readonly share: number;
  /** Length of a block of consecutive pairs, at most. */
  readonly block: number;
  readonly seed: number;
}

/** A pair and its phase. */
export interface SplitPair extends RawPair {
  readonly phase: string;
}

/**
 * The unit that keeps alike pairs together, where none was asked for: the phases that the material has, else its groups, else
 * blocks of consecutive frames.
 */
export function unitOf(pairs: readonly RawPair[]): SplitUnit {
  const phases = new Set(pairs.map(({ phase }) => phase));
  if (phases.has('train') && phases.size > 1 && !phases.has(undefined)) return 'phase';
  const groups = new Set(pairs.map(({ group }) => group));
  return groups.size > 1 && !groups.has(undefined) ? 'group' : 'block';
}

/**
 * Splits pairs into `train` and `test`, in their order. Units are drawn by the seed until the share is reached; one at least is
 * held out where there are several and the share is not 0, and one at least stays.
 */
export function splitPairs(pairs: readonly RawPair[], { unit, share, block, seed }: SplitRule): readonly SplitPair[] {
  if (unit === 'phase') return pairs.map(pair => ({ ...pair, phase: pair.phase ?? 'train' }));
  // Of few pairs blocks are as long as what is held out.
  const length = Math.max(1, Math.min(block, Math.ceil(share * pairs.length)));
  const keyOf = (pair: RawPair, i: number): string =>
    unit === 'group' ? (pair.group ?? '') : unit === 'block' ? `${Math.floor(i / length)}` : `${i}`;
  const keys = pairs.map(keyOf);
  const units = [...new Set(keys)];
  const sizes = new Map<string, number>();
  for (const key of keys) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  const wanted = share * pairs.length;
  const heldOut = new Set<string>();
  let count = 0;
  for (const i of shuffledOrder(units.length, seed, 0)) {
    const key = units[i]!;
    const size = sizes.get(key)!;
    if (share <= 0 || heldOut.size + 1 >= units.length) break;
    // Closer to the share with it than without it.
    if (heldOut.size > 0 && count + size / 2 > wanted) continue;
    heldOut.add(key);
    count += size;
    if (count >= wanted) break;
  }
  return pairs.map((pair, i) => ({ ...pair, phase: heldOut.has(keys[i]!) ? 'test' : 'train' }));
}
