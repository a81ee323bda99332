/**
 * From encoded instances to the style book: clusters of every class, and for each an image of one of its instances.
 * Depends on data and the styles.
 */
import { type ClassStyles, StyleBook, type StyleCluster, type StyleCrop, styledIds } from '@pix2pixhd/web/scene';
import type { Sample } from '../../data/find/pairs.js';
import { loadSample, type SampleSpec } from '../../data/load/sample.js';
import { sampleRandom } from '../../data/random.js';
import type { ClusterOptions, PointClusters } from '../clusters.js';
import { cropInstance } from './crop.js';
import type { EncodedInstance } from './encode-set.js';

/** Facts about the styles of a class that the book does not keep. */
export interface ClassSummary {
  readonly id: number;
  readonly instances: number;
  /** Their total area. */
  readonly pixels: number;
  readonly clusters: number;
  /** Root mean square distance of the instances from their mean; style features lie in [-1, 1]. */
  readonly spread: number;
}

/** The instances of one class, and the clusters they are in. */
interface ClusteredClass extends PointClusters {
  readonly id: number;
  readonly instances: readonly EncodedInstance[];
}

/**
 * Clusters the instances class by class, in the order of the class ids.
 *
 * @param samples as they were encoded, like `spec`: a few are read again for the images.
 * @param labelFeat whether each class has a style, rather than each instance.
 */
export async function buildStyleBook(
  encoded: readonly EncodedInstance[],
  samples: readonly Sample[],
  spec: SampleSpec,
  labelFeat: boolean,
  options: ClusterOptions,
): Promise<{ readonly book: StyleBook; readonly classes: readonly ClassSummary[] }> {
  // Its library is 250 files, which no other command needs.
  const { clusterPoints } = await import('../clusters.js');
  const classes = [...byClass(encoded)].map(
    ([id, instances]): ClusteredClass => ({ id, instances, ...clusterPoints(instances, options) }),
  );
  const shown = classes.flatMap(({ instances, clusters }) => clusters.map(c => instances[c.representative]!));
  const crops = await cropAll(shown, samples, spec, labelFeat);
  const stylesOf = ({ mean, clusters, instances }: ClusteredClass): ClassStyles => ({
    mean,
    clusters: clusters.map(({ centre, count, representative }): StyleCluster => {
      const crop = crops.get(instances[representative]!);
      return { centre, count, ...(crop && { crop }) };
    }),
  });
  return {
    book: new StyleBook(meanOf(classes, options.areaWeights), new Map(classes.map(c => [c.id, stylesOf(c)]))),
    classes: classes.map(({ id, instances, clusters, spread }) => ({
      id,
      instances: instances.length,
      pixels: areaOf(instances),
      clusters: clusters.length,
      spread,
    })),
  };
}

function byClass(encoded: readonly EncodedInstance[]): Map<number, EncodedInstance[]> {
  const classes = new Map<number, EncodedInstance[]>();
  for (const instance of encoded) {
    const own = classes.get(instance.class);
    if (own === undefined) classes.set(instance.class, [instance]);
    else own.push(instance);
  }
  return new Map([...classes].sort(([a], [b]) => a - b));
}

/** The mean over all instances from the means of the classes. */
function meanOf(classes: readonly ClusteredClass[], areaWeights: boolean): Float32Array {
  const weights = classes.map(({ instances }) => (areaWeights ? areaOf(instances) : instances.length));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sums = new Float64Array(classes[0]!.mean.length);
  classes.forEach(({ mean }, i) => {
    mean.forEach((value, c) => {
      sums[c]! += (value * weights[i]!) / total;
    });
  });
  return Float32Array.from(sums);
}

function areaOf(instances: readonly EncodedInstance[]): number {
  return instances.reduce((sum, { pixels }) => sum + pixels, 0);
}

/** Images of the instances shown; of the samples only those with such an instance are read, once each. */
async function cropAll(
  shown: readonly EncodedInstance[],
  samples: readonly Sample[],
  spec: SampleSpec,
  labelFeat: boolean,
): Promise<Map<EncodedInstance, StyleCrop>> {
  const crops = new Map<EncodedInstance, StyleCrop>();
  for (const index of new Set(shown.map(({ sample }) => sample))) {
    const arrays = await loadSample(samples[index]!, spec, sampleRandom(0, 0, index));
    const { width, height, image } = arrays;
    const source = { width, height, image: image!, channels: spec.imageChannels, ids: styledIds(arrays, labelFeat) };
    for (const instance of shown)
      if (instance.sample === index) crops.set(instance, await cropInstance(source, instance));
  }
  return crops;
}
