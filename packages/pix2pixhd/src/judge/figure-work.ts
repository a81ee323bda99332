/** The arithmetic of one image: its result of every method against the real one. Depends on the pair metrics and compared-image.ts. */
import { ciede2000Metric } from '../evaluation/ciede2000.js';
import { l1Metric } from '../evaluation/l1.js';
import type { PairMetric } from '../evaluation/metric.js';
import { msSsimMetric } from '../evaluation/ms-ssim.js';
import { psnrMetric } from '../evaluation/psnr.js';
import { ssimMetric } from '../evaluation/ssim.js';
import { alike, type Reading, readCompared } from './compared-image.js';

/** All arithmetic there is: a thread must not load what networks need. */
const pairMetrics: ReadonlyMap<string, PairMetric> = new Map(
  [psnrMetric, ssimMetric, msSsimMetric, l1Metric, ciede2000Metric].map(metric => [metric.name, metric]),
);

/** What is to be measured of an image. */
export interface FigureWork {
  readonly real: string;
  /** Results, and the names of the metrics that are missing of each. */
  readonly results: readonly { readonly file: string; readonly metrics: readonly string[] }[];
}

/**
 * Measures.
 * @returns the figures of each result, in the order of its metrics.
 * @throws UserError naming a file that cannot be used.
 */
export async function measureFigures({ real, results }: FigureWork, reading: Reading): Promise<number[][]> {
  const truth = await readCompared(real, reading);
  const figures: number[][] = [];
  for (const { file, metrics } of results) {
    if (metrics.length === 0) figures.push([]);
    else {
      const [a, b] = alike(await readCompared(file, reading), truth, reading, [file, real]);
      figures.push(metrics.map(name => pairMetrics.get(name)!.compare(a, b)));
    }
  }
  return figures;
}
