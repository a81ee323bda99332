/**
 * The figures of all images: what is known from earlier is taken from the cache, arithmetic is done in threads, networks judge
 * in this one. Depends on the metrics' interfaces and its neighbours.
 */
import { mapConcurrently } from '../concurrently.js';
import type { Metric, NetworkMetric, PairMetric, SetMeter, SetMetric } from '../evaluation/metric.js';
import { alike, type Reading, readCompared } from './compared-image.js';
import { type FigureCache, fileIdentity, keyOf } from './figure-cache.js';
import { figurePool } from './figure-pool.js';
import type { Exclusion, Method, Row } from './match.js';
import { unreadable } from './survey.js';

/** What is measured, and with what. */
export interface Measuring {
  readonly rows: readonly Row[];
  readonly methods: readonly Method[];
  readonly reading: Reading;
  readonly cache: FigureCache;
  /** The cache of what is observed, which is larger. */
  readonly observed: FigureCache;
  /** Files of weights by name. */
  readonly weights: ReadonlyMap<string, string>;
  /** Where networks compute. */
  readonly device: string;
  readonly signal?: AbortSignal | undefined;
  /** Called after each image of each part of the work. */
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** Figures and observations by metric. Rows that turned out to be unreadable are in `failed`. */
export class Measured {
  /** Metric → method → row → figure. */
  readonly figures = new Map<string, (number | undefined)[][]>();
  /** What is observed → method, the real images last → row → observation. */
  readonly observations = new Map<string, (Float32Array | undefined)[][]>();
  readonly failed = new Map<number, Exclusion>();
}

/** Measures all metrics; what was measured when `signal` came is in the cache. */
export async function measureAll(work: Measuring, metrics: readonly Metric[]): Promise<Measured> {
  const measured = new Measured();
  const identities = identitiesOf(work);
  const plain = metrics.filter(metric => metric.kind === 'pair');
  await measurePlain(work, plain, identities, measured);
  for (const metric of metrics) if (metric.kind === 'network') await judgePairs(work, metric, identities, measured);
  for (const metric of metrics)
    if (metric.kind === 'set' && !measured.observations.has(metric.observes))
      await observeAll(work, metric, identities, measured);
  return measured;
}

/** What identifies the files of each row: the real one's, and the methods'. */
type Identities = readonly { readonly real: string; readonly results: readonly string[] }[];

function identitiesOf({ rows }: Measuring): Identities {
  return rows.map(({ real, results }) => ({ real: fileIdentity(real), results: results.map(fileIdentity) }));
}

function emptyTable({ methods, rows }: Measuring, extra = 0): undefined[][] {
  return Array.from({ length: methods.length + extra }, () => new Array<undefined>(rows.length).fill(undefined));
}

/** Fills figures in from the cache. @returns the key of each. */
function fromCache(
  { cache, reading, weights }: Measuring,
  { name, version, ...metric }: PairMetric | NetworkMetric,
  identities: Identities,
  table: (number | undefined)[][],
): string[][] {
  const files = metric.kind === 'network' ? metric.weights.map(weight => fileIdentity(weights.get(weight)!)) : [];
  return table.map((figures, method) =>
    identities.map(({ real, results }, row) => {
      const key = keyOf(name, version, reading, files, results[method]!, real);
      const kept = cache.get(key);
      if (typeof kept === 'number') figures[row] = kept;
      return key;
    }),
  );
}

async function measurePlain(
  work: Measuring,
  metrics: readonly PairMetric[],
  identities: Identities,
  measured: Measured,
): Promise<void> {
  const { rows, methods, reading, cache, signal, onProgress } = work;
  const tables = metrics.map(metric => {
    const table: (number | undefined)[][] = emptyTable(work);
    measured.figures.set(metric.name, table);
    return { metric, table, keys: fromCache(work, metric, identities, table) };
  });
  const missing = (row: number, method: number) => tables.filter(({ table }) => table[method]![row] === undefined);
  const open = rows.flatMap((_, row) => (methods.some((_, m) => missing(row, m).length > 0) ? [row] : []));
  let done = rows.length - open.length;
  if (open.length === 0) return;
  await using pool = figurePool(open.length, reading);
  const measure = async (row: number) => {
    if (signal?.aborted) return;
    const { real, results } = rows[row]!;
    const wanted = results.map((_, method) => missing(row, method));
    try {
      const figures = await pool.measure({
        real,
        results: results.map((file, method) => ({ file, metrics: wanted[method]!.map(({ metric }) => metric.name) })),
      });
      for (const [method, tablesOf] of wanted.entries())
        for (const [i, { table, keys }] of tablesOf.entries()) {
          const figure = figures[method]![i]!;
          table[method]![row] = figure;
          cache.put(keys[method]![row]!, figure);
        }
    } catch (error) {
      measured.failed.set(row, blame(rows[row]!, methods, error));
    }
    onProgress?.(++done, rows.length, 'images compared');
  };
  await mapConcurrently(open, measure, pool.atOnce);
}

/**
 * The exclusion of a row, of the method whose file the error names.
 * @throws what was thrown, where it is no damage.
 */
export function blame(row: Row, methods: readonly Method[], error: unknown): Exclusion {
  const { file } = unreadable(row, -1, methods, error);
  return unreadable(row, row.results.indexOf(file ?? ''), methods, error);
}

async function judgePairs(
  work: Measuring,
  metric: NetworkMetric,
  identities: Identities,
  measured: Measured,
): Promise<void> {
  const { rows, methods, reading, cache, weights, device, signal, onProgress } = work;
  const table: (number | undefined)[][] = emptyTable(work);
  measured.figures.set(metric.name, table);
  const keys = fromCache(work, metric, identities, table);
  const isOpen = (row: number) => !measured.failed.has(row) && table.some(figures => figures[row] === undefined);
  const open = rows.flatMap((_, row) => (isOpen(row) ? [row] : []));
  if (open.length === 0) return;
  using meter = metric.open(weights, device);
  let done = rows.length - open.length;
  for (const row of open) {
    if (signal?.aborted) return;
    const { real, results, stem } = rows[row]!;
    try {
      const truth = await readCompared(real, reading);
      for (const [method, file] of results.entries()) {
        if (table[method]![row] !== undefined) continue;
        const [a, b] = alike(await readCompared(file, reading), truth, reading, [file, real]);
        const figure = meter.compare(a, b, stem);
        table[method]![row] = figure;
        cache.put(keys[method]![row]!, figure);
      }
    } catch (error) {
      measured.failed.set(row, blame(rows[row]!, methods, error));
    }
    onProgress?.(++done, rows.length, `images judged by ${metric.title}`);
  }
}

async function observeAll(
  work: Measuring,
  { observes, title, weights: needed, open: openMeter }: SetMetric,
  identities: Identities,
  measured: Measured,
): Promise<void> {
  const { rows, methods, reading, observed, weights, device, signal, onProgress } = work;
  const table: (Float32Array | undefined)[][] = emptyTable(work, 1);
  measured.observations.set(observes, table);
  const files = needed.map(weight => fileIdentity(weights.get(weight)!));
  const of = (row: number, method: number) => ({
    file: rows[row]!.results[method] ?? rows[row]!.real,
    key: keyOf(observes, reading.range, files, identities[row]!.results[method] ?? identities[row]!.real),
  });
  const open: [row: number, method: number][] = [];
  for (const row of rows.keys())
    for (const method of table.keys()) {
      const kept = observed.get(of(row, method).key);
      if (kept instanceof Float32Array) table[method]![row] = kept;
      else if (!measured.failed.has(row)) open.push([row, method]);
    }
  if (open.length === 0) return;
  const total = rows.length * table.length;
  let done = total - open.length;
  using meter: SetMeter = openMeter(weights, device);
  for (const [row, method] of open) {
    if (signal?.aborted) return;
    const { file, key } = of(row, method);
    try {
      const image = await readCompared(file, reading);
      const observation = meter.observe(image, rows[row]!.stem);
      table[method]![row] = observation;
      observed.put(key, observation);
    } catch (error) {
      measured.failed.set(row, blame(rows[row]!, methods, error));
    }
    onProgress?.(++done, total, `images observed for ${title}`);
  }
}
