/** The files of weights that metrics need. Depends on pretrained. */
import type { Named } from '../../config/named-values.js';
import type { Metric } from '../../evaluation/metric.js';
import { evaluationWeights, type WeightsName } from '../../pretrained/evaluation-weights.js';
import { downloadAloud, findPublished } from '../../pretrained/published-file.js';

/**
 * Finds the weights, and downloads those that are missing.
 *
 * @param given files that options name.
 * @param note receives the progress of a download.
 * @returns files by name.
 * @throws UserError where a named file is not there, or a download fails: naming the option and the address.
 */
export async function judgingWeights(
  metrics: readonly Metric[],
  given: readonly Named[],
  note: (line: string) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const needed = new Set(metrics.flatMap(metric => (metric.kind === 'pair' ? [] : metric.weights)));
  const files = new Map<string, string>();
  for (const name of needed) {
    const published = evaluationWeights[name as WeightsName];
    const named = given.find(one => one.name === name)?.value ?? null;
    files.set(name, findPublished(published, named) ?? (await downloadAloud(published, note, signal)));
  }
  return files;
}
