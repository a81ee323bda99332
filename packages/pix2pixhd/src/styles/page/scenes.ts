/**
 * What the styles of a class do to a scene: one image for every cluster, all other classes in their mean style.
 * Depends on data, the styles, the generator and the report's colours.
 */

import { choosePlanes, type StyleBook, type StyleChoices, styledInstances } from '@pix2pixhd/web/scene';
import type { Sample } from '../../data/find/pairs.js';
import { type Batch, makeBatch } from '../../data/load/batch.js';
import { loadSample, type SampleSpec } from '../../data/load/sample.js';
import { sampleRandom } from '../../data/random.js';
import type { ImageGenerator } from '../../inference/image-generator.js';
import { type Image8, imageToShow } from '../../raster.js';
import { colourLabels } from '../../report/colour-labels.js';
import { showable } from '../../sharp-image.js';
import type { ClassSummary } from '../build/build-book.js';
import type { ShownClass } from './style-page.js';

/** Most samples that are searched for scenes, spread over all; a better scene in the others is unlikely. */
const mostSearched = 100;

/** A sample that shows a class. */
interface Scene {
  readonly sample: Sample;
  /** Pixels of the class in it. */
  readonly pixels: number;
}

/**
 * Finds for each class the sample that shows most of it.
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
  const count = Math.min(mostSearched, samples.length);
  for (let i = 0; i < count; i++) {
    const sample = samples[Math.floor((i * samples.length) / count)]!;
    let maps: Batch;
    try {
      maps = await loadMaps(sample, spec);
    } catch (error) {
      onFailure(sample, error);
      continue;
    }
    const areas = new Map<number, number>();
    for (const { class: of, pixels } of styledInstances(maps, labelFeat)) areas.set(of, (areas.get(of) ?? 0) + pixels);
    for (const [of, pixels] of areas) if (pixels > (scenes.get(of)?.pixels ?? 0)) scenes.set(of, { sample, pixels });
  }
  return scenes;
}

/**
 * Generates the scene of a class once for every cluster of the class.
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
  const maps = await loadMaps(sample, spec);
  const { width, height, label } = maps;
  const sceneUnder = (cluster: number): Image8 => {
    const choices: StyleChoices = { default: 'mean', classes: new Map([[id, { cluster }]]), instances: new Map() };
    return imageToShow(generator.generateBatch(maps, choosePlanes(book, choices, 0, maps, labelFeat))[0]!);
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

async function loadMaps({ stem, label, instance }: Sample, spec: SampleSpec): Promise<Batch> {
  const maps: Sample = { stem, ...(label && { label }), ...(instance && { instance }) };
  return makeBatch([stem], [await loadSample(maps, spec, sampleRandom(0, 0, 0))], spec);
}

/** The label map with one class in its colour and the others faded. */
function markClass(label: Int32Array, labelNc: number, marked: number): Uint8Array {
  const pixels = colourLabels(label, labelNc);
  return pixels.map((value, i) => (label[Math.floor(i / 3)] === marked ? value : Math.round(225 + value * 0.1)));
}
