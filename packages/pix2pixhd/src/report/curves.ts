/** From the losses of a run to curves: grouping and smoothing. Depends on the loss history. */

import type { LossHistory, SeriesPoint } from './loss-history.js';

/** One loss over time. The lines have at most `maxBuckets` points `[step, loss]`. */
export interface Curve {
  readonly name: string;
  /** Means of neighbouring steps. */
  readonly raw: ReadonlyArray<readonly [number, number]>;
  /** Local means, for the eye. */
  readonly smooth: ReadonlyArray<readonly [number, number]>;
  /** `[step, minimum, maximum]` of the same neighbours; empty where every point is a single step. */
  readonly spread: ReadonlyArray<readonly [number, number, number]>;
}

/** Curves that are read together, in one panel. */
export interface CurveGroup {
  readonly title: string;
  readonly curves: readonly Curve[];
}

/** A local mean reaches about this share of the run to each side. */
const SMOOTHING_SHARE = 0.02;

/** The method's losses by panel; any other loss has its own panel. */
const GROUPS: ReadonlyArray<readonly [title: string, names: readonly string[]]> = [
  ['Generator: adversarial', ['G_GAN']],
  ['Generator: likeness', ['G_GAN_Feat', 'G_L1', 'G_VGG']],
  ['Discriminator', ['D_real', 'D_fake']],
  // CycleGAN's, of both directions.
  ['Generators: adversarial', ['G_A', 'G_B']],
  ['Cycle', ['cycle_A', 'cycle_B']],
  ['Identity', ['idt_A', 'idt_B']],
  ['Discriminators', ['D_A', 'D_B']],
];

/** The curves of a run by panel, without losses that were always zero or absent. */
export function curveGroups(history: LossHistory): CurveGroup[] {
  const names = history.names();
  const curves = new Map(names.map(name => [name, curveOf(name, history.series(name))]));
  const known = new Set(GROUPS.flatMap(([, members]) => members));
  const groups = [...GROUPS, ...names.filter(name => !known.has(name)).map(name => [titleOf(name), [name]] as const)];
  return groups
    .map(([title, members]) => ({ title, curves: members.flatMap(name => curves.get(name) ?? []).filter(isTold) }))
    .filter(group => group.curves.length > 0);
}

/** The title of a panel with this curve alone; `val_psnr` is a metric on held-out pairs. */
function titleOf(name: string): string {
  return name.startsWith('val_') ? `Validation: ${name.slice('val_'.length)}` : name;
}

function isTold({ raw }: Curve): boolean {
  return raw.some(([, loss]) => loss !== 0);
}

function curveOf(name: string, points: readonly SeriesPoint[]): Curve {
  return {
    name,
    raw: points.map(({ step, mean }) => [step, mean]),
    smooth: smoothed(points),
    spread: points.every(({ count }) => count === 1) ? [] : points.map(({ step, min, max }) => [step, min, max]),
  };
}

/**
 * The mean of each point's neighbours on both sides, weighted by an exponential of their distance. Unlike a running mean
 * of the past, it does not lag behind a falling curve.
 */
function smoothed(points: readonly SeriesPoint[]): Array<[number, number]> {
  const steps = points.reduce((sum, { count }) => sum + count, 0);
  const decay = 1 - 1 / Math.max(1, SMOOTHING_SHARE * steps);
  const before = decayingSums(points, decay);
  const after = decayingSums([...points].reverse(), decay).reverse();
  return points.map(({ step }, i) => {
    const [past, future] = [before[i]!, after[i]!];
    return [step, (past.sum + future.sum) / (past.weight + future.weight)];
  });
}

/** For each point the sum of itself and those before it, each step counting `decay` times as much as its successor. */
function decayingSums(points: readonly SeriesPoint[], decay: number): Array<{ sum: number; weight: number }> {
  let sum = 0;
  let weight = 0;
  let place = points[0]?.place ?? 0;
  return points.map(point => {
    const fade = decay ** Math.abs(point.place - place);
    place = point.place;
    sum = fade * sum + point.count * point.mean;
    weight = fade * weight + point.count;
    return { sum, weight };
  });
}

/** At most `count` of the items, evenly spaced, the first and the last among them. */
export function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}
