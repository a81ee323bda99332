/** From all losses of a run to curves of a few hundred points: grouping, smoothing, thinning. Depends on nothing. */

/** One step's losses by name, beside `step`; `null` where a loss was not finite. A `LossRecord` is one. */
export type LossPoint = Readonly<Record<string, number | null>>;

/** One loss over time. Both lines have at most {@link MAX_POINTS} points `[step, loss]`. */
export interface Curve {
  readonly name: string;
  /** Means of neighbouring steps. */
  readonly raw: ReadonlyArray<readonly [number, number]>;
  /** Local means, for the eye. */
  readonly smooth: ReadonlyArray<readonly [number, number]>;
}

/** Curves that are read together, in one panel. */
export interface CurveGroup {
  readonly title: string;
  readonly curves: readonly Curve[];
}

/** More points than this cannot be told apart at the size of a panel, and would make the page heavy. */
export const MAX_POINTS = 500;

/** A local mean reaches over about this share of the run, to each side. */
const SMOOTHING_SHARE = 0.02;

/** Fields of a record that are not losses. */
const NOT_LOSSES = new Set(['step', 'epoch', 'seconds', 'lr']);

/** The losses of the method by panel; a name that is not here has a panel of its own. */
const GROUPS: ReadonlyArray<readonly [title: string, names: readonly string[]]> = [
  ['Generator: adversarial', ['G_GAN']],
  ['Generator: likeness', ['G_GAN_Feat', 'G_L1', 'G_VGG']],
  ['Discriminator', ['D_real', 'D_fake']],
];

/** The curves of a run in their panels; a loss that was always zero or absent has none. */
export function curveGroups(losses: readonly LossPoint[]): CurveGroup[] {
  const names = [...new Set(losses.flatMap(point => Object.keys(point)))].filter(name => !NOT_LOSSES.has(name));
  const curves = new Map(names.map(name => [name, curveOf(name, losses)]));
  const known = new Set(GROUPS.flatMap(([, members]) => members));
  const groups = [...GROUPS, ...names.filter(name => !known.has(name)).map(name => [name, [name]] as const)];
  return groups
    .map(([title, members]) => ({ title, curves: members.flatMap(name => curves.get(name) ?? []).filter(isTold) }))
    .filter(group => group.curves.length > 0);
}

function isTold({ raw }: Curve): boolean {
  return raw.some(([, loss]) => loss !== 0);
}

function curveOf(name: string, losses: readonly LossPoint[]): Curve {
  const points: Array<[number, number]> = [];
  for (const point of losses) {
    const { step } = point;
    const loss = point[name];
    if (typeof step === 'number' && typeof loss === 'number' && Number.isFinite(loss)) points.push([step, loss]);
  }
  return { name, raw: bucketMeans(points), smooth: evenly(smoothed(points), MAX_POINTS) };
}

/**
 * The mean of each point's neighbours on both sides, weighted by an exponential of their distance. Unlike a running mean
 * of the past it does not lag behind a curve that falls.
 */
function smoothed(points: ReadonlyArray<readonly [number, number]>): Array<[number, number]> {
  const reach = Math.max(1, SMOOTHING_SHARE * points.length);
  const losses = points.map(([, loss]) => loss);
  const before = decayingSums(losses, 1 - 1 / reach);
  const after = decayingSums([...losses].reverse(), 1 - 1 / reach).reverse();
  return points.map(([step], i) => {
    const [past, future] = [before[i]!, after[i]!];
    return [step, (past.sum + future.sum) / (past.weight + future.weight)];
  });
}

/** For each value the sum of itself and those before it, each counting `decay` times as much as its successor. */
function decayingSums(values: readonly number[], decay: number): Array<{ sum: number; weight: number }> {
  let sum = 0;
  let weight = 0;
  return values.map(value => {
    sum = decay * sum + value;
    weight = decay * weight + 1;
    return { sum, weight };
  });
}

/** The means of equal numbers of neighbours. */
function bucketMeans(points: ReadonlyArray<readonly [number, number]>): Array<[number, number]> {
  const buckets = Math.min(MAX_POINTS, points.length);
  return Array.from({ length: buckets }, (_, i) => {
    const bucket = points.slice(
      Math.floor((i * points.length) / buckets),
      Math.floor(((i + 1) * points.length) / buckets),
    );
    const mean = (axis: 0 | 1) => bucket.reduce((sum, point) => sum + point[axis], 0) / bucket.length;
    return [mean(0), mean(1)];
  });
}

/** At most `count` of the items, evenly spaced, the first and the last among them. */
export function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}
