/**
 * Which style every object of a scene gets. Depends on seeded random numbers and the style book.
 */

import type { Instance } from './instances.js';
import { Random } from './random.js';
import type { StyleBook } from './style-book.js';

/** A style: a random one for every object, the class's mean, one of the class's clusters, or the style features themselves. */
export type Style = 'random' | 'mean' | { readonly cluster: number } | readonly number[];

/** The styles of a scene: a choice for an instance takes precedence over one for its class. */
export interface StyleChoices {
  readonly default: Style;
  readonly classes: ReadonlyMap<number, Style>;
  readonly instances: ReadonlyMap<number, Style>;
}

/** Styles by class and by instance id, as a program or a JSON file gives them; one for an instance takes precedence over one for its class. */
export interface StyleChoicesInput {
  /** What is not chosen below; default: random. */
  readonly default?: Style;
  readonly classes?: Readonly<Record<number, Style>>;
  readonly instances?: Readonly<Record<number, Style>>;
}

/** The same style for every object. */
export function sameForAll(style: Style): StyleChoices {
  return { default: style, classes: new Map(), instances: new Map() };
}

/**
 * The style features of one object. What is missing falls back: a cluster number beyond the last to the last cluster, a class
 * without clusters to the mean of the class, an unknown class to the mean of all.
 *
 * @param seed decides random styles, together with the instance's id and nothing else: objects keep theirs when others are
 *   added, removed or changed. Consecutive seeds give an object all clusters of its class before one is repeated.
 * @returns one number per channel.
 */
export function chooseStyle(
  book: StyleBook,
  { default: otherwise, classes, instances }: StyleChoices,
  seed: number,
  instance: Pick<Instance, 'id' | 'class'>,
): ArrayLike<number> {
  const style = instances.get(instance.id) ?? classes.get(instance.class) ?? otherwise;
  if (isFeatures(style)) return style;
  const styles = book.classes.get(instance.class);
  if (styles === undefined) return book.mean;
  if (style === 'mean' || styles.clusters.length === 0) return styles.mean;
  const count = styles.clusters.length;
  const cluster = style === 'random' ? drawCluster(count, seed, instance.id) : Math.min(style.cluster, count - 1);
  return styles.clusters[cluster]!.centre;
}

function isFeatures(style: Style): style is readonly number[] {
  return Array.isArray(style);
}

// Keeps these draws independent of those of the data module with the same seed.
const styleStream = 101;

/** Every `count` consecutive seeds are one order of the clusters, shuffled for the instance. */
function drawCluster(count: number, seed: number, id: number): number {
  const random = new Random(styleStream, Math.floor(seed / count), id);
  const order = Array.from({ length: count }, (_, k) => k);
  for (let left = count; left > 1; left--) {
    const drawn = random.integer(left);
    [order[left - 1], order[drawn]] = [order[drawn]!, order[left - 1]!];
  }
  return order[seed % count]!;
}
