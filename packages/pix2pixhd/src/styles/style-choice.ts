/**
 * Which style every object of a scene gets: by the command line's `--style`, or by a file that says it for classes and
 * instances. Depends on zod, `errors.ts`, seeded random numbers and the style book.
 */
import { z } from 'zod';
import { Random } from '../data/random.js';
import { UsageError, UserError } from '../errors.js';
import type { Instance } from './instances.js';
import type { StyleBook } from './style-book.js';

/** `--style`: what styles are taken from. */
export type StyleOption =
  | { readonly kind: 'random' | 'mean' }
  | { readonly kind: 'cluster'; readonly cluster: number }
  | { readonly kind: 'image'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string };

/** A style: drawn anew for every object, the class's mean, one of the class's clusters, or the features themselves. */
export type Style = 'random' | 'mean' | { readonly cluster: number } | readonly number[];

/** The styles of a scene: what is said of an instance counts before what is said of its class. */
export interface StyleChoices {
  readonly default: Style;
  readonly classes: ReadonlyMap<number, Style>;
  readonly instances: ReadonlyMap<number, Style>;
}

const choices = 'random, mean, cluster:N, image:PATH or file:PATH';

/**
 * Reads the value of `--style`.
 *
 * @throws UsageError naming the choices.
 */
export function parseStyleOption(text: string): StyleOption {
  if (text === 'random' || text === 'mean') return { kind: text };
  const [, kind, rest] = /^(cluster|image|file):(.+)$/.exec(text) ?? [];
  if (kind === 'cluster' && /^\d{1,9}$/.test(rest!)) return { kind, cluster: Number(rest) };
  if (kind === 'image' || kind === 'file') return { kind, path: rest! };
  throw new UsageError({
    code: 'STYLE_INVALID',
    doing: 'choosing the style',
    where: '--style',
    found: text,
    expected: choices,
    remedy:
      kind === 'cluster'
        ? 'give the number of a cluster, counted from 0, the largest: cluster:0'
        : 'random draws a style for every object, mean takes the average one, image:PATH that of an image',
  });
}

/** The same style for every object. */
export function sameForAll(style: Style): StyleChoices {
  return { default: style, classes: new Map(), instances: new Map() };
}

/**
 * Reads a file of choices: `{"default": STYLE, "classes": {"26": STYLE}, "instances": {"26001": STYLE}}`, where a STYLE is
 * `"random"`, `"mean"`, `{"cluster": 2}` or a list of `featNum` numbers. All three are optional; the default is "random".
 *
 * @param file names it in errors.
 * @throws UserError naming the file and the key at fault.
 */
export function readStyleChoices(json: string, file: string, featNum: number): StyleChoices {
  const problem = (found: string, cause?: unknown) =>
    new UserError(
      {
        code: 'STYLE_INVALID',
        doing: 'reading the choice of styles',
        where: file,
        found,
        expected: `{"default": STYLE, "classes": {"CLASS": STYLE}, "instances": {"ID": STYLE}}, a STYLE being "random", "mean", {"cluster": N} or a list of ${featNum} numbers`,
        remedy: 'correct the file; docs/styles.md has an example',
      },
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw problem(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const { success, data, error } = choicesSchema(featNum).safeParse(value);
  if (!success) throw problem(error.issues.map(describeIssue).join('; '), error);
  const byId = (styles: Record<string, Style>) => new Map(Object.entries(styles).map(([id, s]) => [Number(id), s]));
  return { default: data.default, classes: byId(data.classes), instances: byId(data.instances) };
}

function choicesSchema(featNum: number) {
  const style = z.union(
    [
      z.enum(['random', 'mean']),
      z.strictObject({ cluster: z.int().min(0) }),
      z.array(z.number()).length(featNum).readonly(),
    ],
    { error: ({ input }) => `${JSON.stringify(input)} is no STYLE` },
  );
  const styles = z.record(z.string().regex(/^-?\d+$/, { error: 'not an id' }), style).default({});
  return z.strictObject({ default: style.default('random'), classes: styles, instances: styles });
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

/**
 * The features of one object. What a class lacks is taken from the next wider mean: a cluster beyond its last is its
 * last, a class without clusters gives its mean, an unknown class the mean of all.
 *
 * @param seed decides random styles, together with the instance's id and nothing else: objects keep theirs when others
 * come, go or change. Consecutive seeds give an object all clusters of its class before one comes again.
 * @returns one number a feature channel.
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

// Apart from the streams of the data module, whose draws are of other things.
const styleStream = 101;

/** Every round of `count` seeds is one order of the clusters, drawn for the instance. */
function drawCluster(count: number, seed: number, id: number): number {
  const random = new Random(styleStream, Math.floor(seed / count), id);
  const order = Array.from({ length: count }, (_, k) => k);
  for (let left = count; left > 1; left--) {
    const drawn = random.integer(left);
    [order[left - 1], order[drawn]] = [order[drawn]!, order[left - 1]!];
  }
  return order[seed % count]!;
}

/**
 * Paints features: every pixel gets those of its instance.
 *
 * @param ids instance ids, (H, W).
 * @param instances those of the map, as {@link findInstances} lists them.
 * @returns (featNum, H, W).
 * @throws RangeError where the map holds an id that is not listed.
 */
export function stylePlanes(
  ids: Int32Array,
  instances: readonly Instance[],
  featuresOf: (instance: Instance) => ArrayLike<number>,
  featNum: number,
): Float32Array {
  const features = new Map(instances.map(instance => [instance.id, featuresOf(instance)]));
  const planes = new Float32Array(featNum * ids.length);
  for (let start = 0; start < ids.length; ) {
    const id = ids[start]!;
    let end = start + 1;
    while (end < ids.length && ids[end] === id) end++;
    const values = features.get(id);
    if (values === undefined) throw new RangeError(`stylePlanes: instance ${id} is not among those listed`);
    for (let c = 0; c < featNum; c++) planes.fill(values[c]!, c * ids.length + start, c * ids.length + end);
    start = end;
  }
  return planes;
}
