/**
 * Weights of the classes in the segmenter's loss, so that rare ones count. Depends on data.
 */
import { mapConcurrently } from '../../concurrently.js';
import { decodeLabelMap } from '../../data/decode/ids.js';
import type { Sample } from '../../data/find/pairs.js';
import { mapLabels, parseLabelMap } from '../../data/labels/mapping.js';
import { countLabels, isIgnored, type LabelCounts } from '../../data/labels/values.js';
import { FaultyFile } from '../../data/validate/fault.js';
import { labelFault } from '../../data/validate/labels.js';
import { median } from '../../statistics/mean.js';

/** How the weights follow from the pixels. */
export type ClassWeighting = 'log' | 'median' | 'none';

/** How often classes occur. */
export interface ClassFrequencies {
  /** Pixels of each class, over all maps. */
  readonly pixels: readonly number[];
  /** Pixels with a class in the maps that have this one, by class. */
  readonly beside: readonly number[];
}

/**
 * Counts the classes in the label maps of samples.
 *
 * @throws UserError naming the first map that is damaged or has a value that is no class.
 */
export async function countClasses(
  samples: readonly Sample[],
  { labelNc, labelMap }: { readonly labelNc: number; readonly labelMap: string | null },
): Promise<ClassFrequencies> {
  const mapping = parseLabelMap(labelMap);
  const pixels = new Array<number>(labelNc).fill(0);
  const beside = new Array<number>(labelNc).fill(0);
  await mapConcurrently(samples, async ({ label }) => {
    const counts: LabelCounts = countLabels(mapLabels(await decodeLabelMap(label!), mapping));
    const fault = labelFault(counts, labelNc);
    if (fault !== undefined) throw new FaultyFile('reading a label map', label!, fault);
    const present = [...counts].filter(([id]) => !isIgnored(id, labelNc));
    const total = present.reduce((sum, [, count]) => sum + count, 0);
    for (const [id, count] of present) {
      pixels[id] = pixels[id]! + count;
      beside[id] = beside[id]! + total;
    }
  });
  return { pixels, beside };
}

/**
 * The weight of each class.
 *
 * - `log`: 1 / ln(1.02 + p), p being the class's share of all pixels: from 1.4 for a class that fills everything to 50 for the
 *   rarest (Paszke et al., "ENet", 2016, section 5.2).
 * - `median`: the median of all classes' frequencies over that of the class, a frequency being the share of the class in the maps
 *   that have it (Eigen and Fergus, ICCV 2015, section 6.3.2).
 * - `none`: 1.
 *
 * A class without pixels has no loss, and the weight 1.
 */
export function classWeights({ pixels, beside }: ClassFrequencies, weighting: ClassWeighting): number[] {
  if (weighting === 'none') return pixels.map(() => 1);
  const total = pixels.reduce((sum, count) => sum + count, 0);
  if (weighting === 'log') return pixels.map(count => (count === 0 ? 1 : 1 / Math.log(1.02 + count / total)));
  const frequencies = pixels.map((count, id) => count / beside[id]!);
  const present = frequencies.filter(frequency => frequency > 0);
  if (present.length === 0) return pixels.map(() => 1);
  const middle = median(present);
  return frequencies.map(frequency => (frequency > 0 ? middle / frequency : 1));
}
