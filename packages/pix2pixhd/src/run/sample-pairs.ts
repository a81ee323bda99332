/**
 * Sample pairs of a run: a few fixed pairs whose images are generated regularly, shown on a sheet and scored. Depends on
 * data, inference, report and evaluation.
 */
import type { TrainConfig } from '../config/schema.js';
import type { Sample } from '../data/find/pairs.js';
import { classColours, readClasses } from '../data/labels/classes.js';
import { type Batch, makeBatch } from '../data/load/batch.js';
import { loadSample, type SampleSpec } from '../data/load/sample.js';
import { sampleRandom } from '../data/random.js';
import { UserError } from '../errors.js';
import { l1 } from '../evaluation/l1.js';
import { type Image8, image8Of } from '../raster.js';
import { labelColours, paintLabels } from '../report/colour-labels.js';
import { composeSheet } from '../report/sheet.js';
import { generated, stillSpec } from './generated.js';
import { hasPhase, type PairOptions, pairsOfPhase } from './held-out.js';
import { evenlySpread, type GeneratorFor, onCanvas, type Samples, type ShownSamples } from './shown-samples.js';

const wanted = 4;

/** The options that decide which pairs are used, and how they are read. */
export type SampleOptions = PairOptions & Pick<TrainConfig, 'seed'>;

/** One sample in memory. */
interface Pair {
  readonly stem: string;
  readonly batch: Batch;
  readonly input: Image8;
  readonly real: Image8;
}

/** A few pairs, evenly spread over the held-out ones if there are any with photos, else over the training pairs. */
export class SamplePairs implements Samples {
  readonly #pairs: readonly Pair[];

  private constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs;
  }

  /**
   * Decodes the pairs as training does, without flips.
   * @param note receives one line if there are test folders, but no usable pairs in them.
   */
  static async load(
    options: SampleOptions,
    training: readonly Sample[],
    spec: SampleSpec,
    note: (line: string) => void,
  ): Promise<SamplePairs> {
    const test = heldOutSamples(options, note);
    const from = test.length > 0 ? test : training;
    const chosen = evenlySpread(from, wanted);
    const still = stillSpec(spec);
    return new SamplePairs(await Promise.all(chosen.map((sample, i) => loadPair(sample, still, options, i))));
  }

  /**
   * Generates the images of the pairs.
   * @returns the sheet as PNG, the mean L1 distance to the real images on [0, 1], and the images in the order of the pairs.
   */
  async show(generatorFor: GeneratorFor, title: string): Promise<ShownSamples> {
    const generator = generatorFor('AtoB');
    const images = this.#pairs.map(({ batch }) => generated(generator, batch));
    const score = this.#pairs.reduce((sum, pair, i) => sum + l1(images[i]!, pair.real), 0) / this.#pairs.length;
    const width = Math.max(...this.#pairs.map(({ real }) => real.width));
    const height = Math.max(...this.#pairs.map(({ real }) => real.height));
    const png = await composeSheet({
      title,
      columns: ['input', 'generated', 'real'],
      rows: this.#pairs.map((pair, i) => ({
        label: pair.stem,
        images: [pair.input, images[i]!, pair.real].map(image => onCanvas(image, width, height)),
      })),
    });
    return { png, score, generated: images, real: this.#pairs.map(({ real }) => real) };
  }
}

/** Test pairs with photos; empty if the data set has none, or they cannot be used. Training does not need them. */
function heldOutSamples(options: SampleOptions, note: (line: string) => void): readonly Sample[] {
  if (!hasPhase(options, 'test')) return [];
  try {
    return pairsOfPhase(options, 'test');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { found, expected } = error.parts;
    note(`samples are training pairs, since the test pairs cannot be used: ${found}; expected: ${expected}`);
    return [];
  }
}

/** The colours of the classes: the data set's own if it names some; training does not depend on them. */
function coloursOf({ dataroot, labelNc }: SampleOptions): ReturnType<typeof labelColours> {
  try {
    const classes = readClasses(dataroot);
    if (classes !== undefined) return classColours(classes);
  } catch (error) {
    // A file of that name may be another program's.
    if (!(error instanceof UserError)) throw error;
  }
  return labelColours(labelNc);
}

async function loadPair(sample: Sample, spec: SampleSpec, options: SampleOptions, index: number): Promise<Pair> {
  const arrays = await loadSample(sample, spec, sampleRandom(options.seed, 0, index));
  const batch = makeBatch([sample.stem], [arrays], spec);
  const { width, height, label, source, image } = batch;
  const input =
    label === undefined
      ? image8Of(source!, spec.sourceChannels, width, height)
      : { width, height, channels: 3, data: paintLabels(label, coloursOf(options)) };
  return { stem: sample.stem, batch, input, real: image8Of(image!, spec.imageChannels, width, height) };
}
