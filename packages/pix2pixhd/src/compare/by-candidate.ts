/** From figures of runs to figures of candidates, over images and seeds. Depends on judge and statistics. */
import type { Judgement } from '../judge/judge.js';
import { type Difference, differencesOf, type Summary, summariseFigures } from '../judge/summary.js';
import { bootstrapOverSeeds } from '../statistics/bootstrap.js';
import { mean } from '../statistics/mean.js';
import { signFlipTest } from '../statistics/sign-flip.js';

/** A candidate, and the names under which its runs were judged, seed by seed. */
export interface JudgedCandidate {
  readonly name: string;
  readonly names: readonly string[];
}

/**
 * The judgement of candidates: figures are means over the seeds, intervals are over images and, of several seeds, over seeds
 * too. What is shown of a candidate are the images of its first seed.
 *
 * @param candidates with as many runs each; the first one is what the others are compared with.
 * @param stems the images that count; default all.
 */
export function judgeCandidates(
  judgement: Judgement,
  candidates: readonly JudgedCandidate[],
  stems?: readonly string[],
): Judgement {
  const kept = [...judgement.rows.keys()].filter(row => stems?.includes(judgement.rows[row]!.stem) ?? true);
  const numbers = candidates.map(({ names: runs }) =>
    runs.map(run => judgement.methods.findIndex(({ name }) => name === run)),
  );
  /** Metric → candidate → seed → image. */
  const figures = new Map(
    [...judgement.figures].map(([metric, table]) => [
      metric,
      numbers.map(runs => runs.map(run => kept.map(row => table[run]![row]!))),
    ]),
  );
  const means = new Map([...figures].map(([metric, table]) => [metric, table.map(meanOverSeeds)] as const));
  const names = candidates.map(({ name }) => name);
  // Figures of sets are known for all images only.
  const metrics = judgement.metrics.filter(({ name }) => stems === undefined || figures.has(name));
  return {
    ...judgement,
    metrics,
    rows: kept.map(row => {
      const { results, ...others } = judgement.rows[row]!;
      return { ...others, results: numbers.map(([first]) => results[first!]!) };
    }),
    methods: names.map((name, i) => ({ name, folder: judgement.methods[numbers[i]![0]!]!.folder })),
    figures: means,
    summaries: new Map(
      metrics.map(({ name }) => [
        name,
        figures.get(name)?.map(overSeeds) ??
          numbers.map(runs => ofSets(runs.map(run => judgement.summaries.get(name)![run]!))),
      ]),
    ),
    differences: [...figures].flatMap(([metric, table]) => differences(metric, names, table)),
  };
}

function meanOverSeeds(seeds: readonly (readonly number[])[]): readonly number[] {
  return seeds[0]!.map((_, image) => mean(seeds.map(seed => seed[image]!)));
}

/** The mean with its interval: of one seed over images, of several over both. */
function overSeeds(seeds: readonly (readonly number[])[]): Summary {
  const [first] = seeds;
  if (seeds.length === 1 || first!.length === 0 || !seeds.every(seed => seed.every(Number.isFinite)))
    return summariseFigures(meanOverSeeds(seeds));
  const { mean: value, low, high } = bootstrapOverSeeds(seeds);
  return { value, low, high };
}

/** Figures of sets have no interval over seeds; that of a single one is kept. */
function ofSets(summaries: readonly Summary[]): Summary {
  return summaries.length === 1 ? summaries[0]! : { value: mean(summaries.map(({ value }) => value)) };
}

/** Of each candidate to the first one: the same seed, the same image. The test is over images, of the means over seeds. */
function differences(
  metric: string,
  names: readonly string[],
  table: readonly (readonly (readonly number[])[])[],
): readonly Difference[] {
  if (table[0]!.length === 1) return differencesOf(metric, names, table.map(meanOverSeeds));
  const [first, ...others] = table;
  return others.flatMap((seeds, i) => {
    const apart = seeds.map((figures, seed) => figures.map((figure, image) => figure - first![seed]![image]!));
    const means = meanOverSeeds(apart);
    if (means.length === 0 || !means.every(Number.isFinite)) return [];
    return [{ metric, method: names[i + 1]!, against: names[0]!, ...overSeeds(apart), p: signFlipTest(means) }];
  });
}
