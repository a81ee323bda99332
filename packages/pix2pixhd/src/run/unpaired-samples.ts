/**
 * Samples of a run without pairs: a few fixed images of either domain, brought to the other one and back, shown on a sheet. Depends on
 * data, inference, report and evaluation.
 */

import type { Direction } from '../config/direction.js';
import type { TrainConfig } from '../config/schema.js';
import { findFolder } from '../data/find/folders.js';
import { findSamples, type Sample } from '../data/find/pairs.js';
import { loadSample, type SampleSpec } from '../data/load/sample.js';
import { domainsOf } from '../data/load/unpaired-loader.js';
import { sampleRandom } from '../data/random.js';
import { UserError } from '../errors.js';
import { l1 } from '../evaluation/l1.js';
import { type Image8, image8Of } from '../raster.js';
import { composeSheet } from '../report/sheet.js';
import { stillSpec, translated } from './generated.js';
import { evenlySpread, type GeneratorFor, onCanvas, type Samples, type ShownSamples } from './shown-samples.js';

/** Images of each domain. */
const wanted = 3;

/** The options that decide which images are used. */
type Options = Pick<TrainConfig, 'dataroot' | 'seed'>;

/** An image of one domain, and which way it goes. */
interface Shown {
  readonly stem: string;
  readonly direction: Direction;
  readonly image: Image8;
}

/** Images of both domains, evenly spread over the test folders' where there are any, else over the training images. */
export class UnpairedSamples implements Samples {
  readonly #shown: readonly Shown[];

  private constructor(shown: readonly Shown[]) {
    this.#shown = shown;
  }

  /** Decodes the images as training does, without flips. */
  static async load(
    options: Options,
    training: readonly Sample[],
    spec: SampleSpec,
    note: (line: string) => void,
  ): Promise<UnpairedSamples> {
    const still = stillSpec(spec);
    const { a, b } = domainsOf(training);
    const chosen = [
      ...chooseFrom('source', a, options, note).map(sample => ({ sample, direction: 'AtoB' as const })),
      ...chooseFrom('image', b, options, note).map(sample => ({ sample, direction: 'BtoA' as const })),
    ];
    const shown = chosen.map(async ({ sample, direction }, i): Promise<Shown> => {
      const { width, height, source, image } = await loadSample(sample, still, sampleRandom(options.seed, 0, i));
      const channels = direction === 'AtoB' ? spec.sourceChannels : spec.imageChannels;
      return { stem: sample.stem, direction, image: image8Of((source ?? image)!, channels, width, height) };
    });
    return new UnpairedSamples(await Promise.all(shown));
  }

  /**
   * Brings every image to the other domain and back.
   * @returns the score is the mean L1 distance on [0, 1] of what came back to what it was: the cycle's error. There is no real
   *   image to compare the others with.
   */
  async show(generatorFor: GeneratorFor, title: string): Promise<ShownSamples> {
    const there = this.#shown.map(({ image, direction }) => translated(generatorFor(direction), image));
    const back = there.map((image, i) => translated(generatorFor(reverse(this.#shown[i]!.direction)), image));
    const score = back.reduce((sum, image, i) => sum + l1(image, this.#shown[i]!.image), 0) / back.length;
    const width = Math.max(...this.#shown.map(({ image }) => image.width));
    const height = Math.max(...this.#shown.map(({ image }) => image.height));
    const png = await composeSheet({
      title,
      columns: ['image', 'in the other domain', 'and back'],
      rows: this.#shown.map(({ stem, direction, image }, i) => ({
        label: `${direction} ${stem}`,
        images: [image, there[i]!, back[i]!].map(each => onCanvas(each, width, height)),
      })),
    });
    const goesToB = (_: unknown, i: number) => this.#shown[i]!.direction === 'AtoB';
    const ofB = this.#shown.filter(({ direction }) => direction === 'BtoA').map(({ image }) => image);
    return { png, score, generated: there.filter(goesToB), real: ofB };
  }
}

/** Test images of a domain, or those of the training where there are none, or they cannot be used. */
function chooseFrom(
  domain: 'source' | 'image',
  training: readonly Sample[],
  { dataroot }: Options,
  note: (line: string) => void,
): readonly Sample[] {
  if (findFolder(dataroot, 'test', domain, 0) === undefined) return evenlySpread(training, wanted);
  try {
    return evenlySpread(findSamples(dataroot, 'test', { labelNc: 0, useInstance: false, domains: [domain] }), wanted);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { found, expected } = error.parts;
    note(`samples are training images, since the test images cannot be used: ${found}; expected: ${expected}`);
    return evenlySpread(training, wanted);
  }
}

function reverse(direction: Direction): Direction {
  return direction === 'AtoB' ? 'BtoA' : 'AtoB';
}
