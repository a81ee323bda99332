/** What was made of material, in words. Depends on split.ts for types. */
import type { SplitUnit } from './split.js';

/** How pairs were split. */
export const unitsInWords: Readonly<Record<SplitUnit, string>> = {
  phase: 'as the material is split',
  group: 'by groups that stay together',
  block: 'by blocks of frames that follow each other',
  pair: 'pair by pair',
};

/** What is to be said of near duplicates across the split. */
export function describeTwins(unit: SplitUnit, twins: readonly (readonly [string, string])[]): string {
  const [first] = twins;
  if (first === undefined) return 'No held-out target looks like one of training.';
  const remedy =
    unit === 'group' || unit === 'phase' ? '' : '; --split group, or a longer --block, keeps them together';
  return `${counted(twins.length, 'held-out target')} ${twins.length === 1 ? 'looks' : 'look'} like one of training, such as ${first[0]} and ${first[1]}${remedy}.`;
}

/** `1 pair`, `2 pairs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
