/**
 * What the styles of a class do to a scene: one image for every cluster, all other classes in their mean style.
 * Depends on data, features, the generator and the report's images.
 */
import type { Sample } from '../data/find/pairs.js';
import { loadSample, type SampleArrays, type SampleSpec } from '../data/load/sample.js';
import { sampleRandom } from '../data/random.js';
import type { GeneratedImage, ImageGenerator } from '../inference/image-generator.js';
import { colourLabels } from '../report/colour-labels.js';
import type { ShownClass } from '../report/style-page.js';
import type { ClassSummary } from './build-book.js';
import { idsOf } from './encode-set.js';
import { findInstances } from './instances.js';
import type { StyleBook } from './style-book.js';
import { chooseStyle, type StyleChoices, stylePlanes } from './style-choice.js';

/** Samples that are looked through for scenes, spread over all; in more of them there is hardly a better one. */
const lookedThrough = 100;

/** Where a class is to be seen. */
interface Scene {
  readonly sample: Sample;
  /** Pixels of the class in it. */
  readonly pixels: number;
}

/**
 * For each class the sample that shows most of it.
 *
 * @param spec as for training; neither crops nor flips may be drawn.
 * @param onFailure called where a sample cannot be read; it may throw.
 */
export async function findScenes(
  samples: readonly Sample[],
  spec: SampleSpec,
  labelFeat: boolean,
  onFailure: (sample: Sample, error: unknown) => void,
): Promise<Map<number, Scene>> {
  const scenes = new Map<number, Scene>();
  const count = Math.min(lookedThrough, samples.length);
  for (let i = 0; i < count; i++) {
    const sample = samples[Math.floor((i * samples.length) / count)]!;
    let arrays: SampleArrays;
    try {
      arrays = await loadMaps(sample, spec);
    } catch (error) {
      onFailure(sample, error);
      continue;
    }
    const areas = new Map<number, number>();
    for (const { class: of, pixels } of instancesOf(arrays, labelFeat)) areas.set(of, (areas.get(of) ?? 0) + pixels);
    for (const [of, pixels] of areas) if (pixels > (scenes.get(of)?.pixels ?? 0)) scenes.set(of, { sample, pixels });
  }
  return scenes;
}

/**
 * Translates the scene of a class once for every cluster of the class.
 *
 * @param title what to call the class.
 */
export async function showClass(
  generator: ImageGenerator,
  book: StyleBook,
  { id, instances }: ClassSummary,
  sample: Sample,
  spec: SampleSpec,
  title: string,
): Promise<ShownClass> {
  const { labelFeat, labelNc } = generator.config;
  const arrays = await loadMaps(sample, spec);
  const { width, height, label } = arrays;
  const ids = idsOf(arrays, labelFeat);
  const found = instancesOf(arrays, labelFeat);
  const sceneUnder = (cluster: number): GeneratedImage => {
    const choices: StyleChoices = { default: 'mean', classes: new Map([[id, { cluster }]]), instances: new Map() };
    const features = stylePlanes(ids, found, instance => chooseStyle(book, choices, 0, instance), book.featNum);
    return generator.translate({ ...arrays, sourceChannels: spec.sourceChannels, images: 1, features })[0]!;
  };
  return {
    title,
    instances,
    stem: sample.stem,
    where: { width, height, channels: 3, data: markClass(label!, labelNc, id) },
    styles: book.classes.get(id)!.clusters.map(({ count, crop }, k) => ({
      scene: showable(sceneUnder(k)),
      count,
      ...(crop && { crop: { ...crop, channels: 3 } }),
    })),
  };
}

function loadMaps({ stem, label, instance }: Sample, spec: SampleSpec): Promise<SampleArrays> {
  const maps: Sample = { stem, ...(label && { label }), ...(instance && { instance }) };
  return loadSample(maps, spec, sampleRandom(0, 0, 0));
}

function instancesOf(arrays: SampleArrays, labelFeat: boolean) {
  return findInstances(idsOf(arrays, labelFeat), arrays.label, arrays.width, arrays.height);
}

/** The label map with one class in its colour and the others faded. */
function markClass(label: Int32Array, labelNc: number, marked: number): Uint8Array {
  const pixels = colourLabels(label, labelNc);
  return pixels.map((value, i) => (label[Math.floor(i / 3)] === marked ? value : Math.round(225 + value * 0.1)));
}

/** The first channel alone where there are neither one nor three. */
function showable(image: GeneratedImage): GeneratedImage {
  if (image.channels === 1 || image.channels === 3) return image;
  return { ...image, channels: 1, data: image.data.filter((_, i) => i % image.channels === 0) };
}
