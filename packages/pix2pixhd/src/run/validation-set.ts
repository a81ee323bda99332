/**
 * The pairs on which a run is validated, and the figure of a metric on them. Depends on data, inference and evaluation.
 */
import { layoutFor } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';
import { findSamples, type Sample } from '../data/find/pairs.js';
import { makeBatch } from '../data/load/batch.js';
import { loadSample, type SampleArrays, type SampleSpec } from '../data/load/sample.js';
import { sampleRandom, shuffledOrder } from '../data/random.js';
import { UserError } from '../errors.js';
import type { PairMetric } from '../evaluation/metric.js';
import { pairMetrics } from '../evaluation/pair-metrics.js';
import { type Image8, image8Of } from '../raster.js';
import { generated, stillSpec, translated } from './generated.js';
import { hasPhase, type PairOptions, wholePhase } from './held-out.js';
import type { GeneratorFor } from './shown-samples.js';

/** Where held-out pairs may be, the preferred first. */
const phases = ['val', 'test'];

/** The options that decide what is measured. */
export type ValidationOptions = PairOptions & Pick<TrainConfig, 'seed' | 'phase' | 'validate' | 'validateSize'>;

/** An image that was generated, and the one it should equal. */
type Compared = readonly [generated: Image8, real: Image8];

/** What generators are compared by. */
interface Comparison {
  /** What each sample is, in words. */
  readonly of: string;
  readonly compare: (arrays: SampleArrays, spec: SampleSpec, generatorFor: GeneratorFor) => Compared[];
}

/** What is measured, and on what. */
export class ValidationSet {
  readonly metric: PairMetric;
  readonly #samples: readonly Sample[];
  readonly #spec: SampleSpec;
  readonly #seed: number;
  readonly #comparison: Comparison;

  private constructor(
    metric: PairMetric,
    samples: readonly Sample[],
    spec: SampleSpec,
    seed: number,
    comparison: Comparison,
  ) {
    this.metric = metric;
    this.#samples = samples;
    this.#spec = spec;
    this.#seed = seed;
    this.#comparison = comparison;
  }

  /**
   * Finds the pairs and reads each once, so that one that cannot be used is found before the first step.
   *
   * @param spec how training prepares them: so they are scaled and cropped here, without flips, at places that never change.
   * @param say receives one line: what is measured on what.
   * @returns undefined with `--validate none`.
   * @throws UserError where there are no such pairs, one of them cannot be used, or the images are too small for the metric.
   */
  static async open(
    options: ValidationOptions,
    spec: SampleSpec,
    say: (line: string) => void,
  ): Promise<ValidationSet | undefined> {
    const { validate, validateSize, seed, phase: trained } = options;
    if (validate === 'none') return undefined;
    const metric: PairMetric = pairMetrics[validate];
    const phase = phases.find(name => name !== trained && hasPhase(options, name));
    if (phase === undefined) throw nothingHeldOut(options);
    const { samples: all, comparison } = found(options, phase);
    const samples = chosen(all, validateSize, seed);
    const set = new ValidationSet(metric, samples, stillSpec(spec), seed, comparison);
    await set.#checkAll();
    const number = samples.length < all.length ? `${samples.length} of ${all.length}` : `${all.length}`;
    say(`validation: ${metric.title} on ${number} ${comparison.of} of ${phase}`);
    return set;
  }

  /** The mean of the metric over the pairs. Decodes one at a time: memory does not grow with their number. */
  async measure(generatorFor: GeneratorFor): Promise<number> {
    const figures: number[] = [];
    for (const index of this.#samples.keys())
      for (const [image, real] of this.#comparison.compare(await this.#load(index), this.#spec, generatorFor))
        figures.push(this.metric.compare(image, real));
    return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  }

  #load(index: number): Promise<SampleArrays> {
    return loadSample(this.#samples[index]!, this.#spec, sampleRandom(this.#seed, 0, index));
  }

  async #checkAll(): Promise<void> {
    for (const [index, sample] of this.#samples.entries()) {
      const { width, height } = await this.#load(index);
      if (Math.min(width, height) < this.metric.leastSide) throw tooSmall(this.metric, sample, width, height);
    }
  }
}

/** The samples of a phase, and how they are compared. */
function found(options: ValidationOptions, phase: string): { samples: readonly Sample[]; comparison: Comparison } {
  if (options.model !== 'cycle-gan') return { samples: wholePhase(options, phase), comparison: pairs };
  try {
    return { samples: wholePhase(options, phase), comparison: bothWays };
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'PARTNER_MISSING')) throw error;
    return { samples: findSamples(options.dataroot, phase, layoutFor(options)), comparison: cycles };
  }
}

const pairs: Comparison = {
  of: 'pairs',
  compare(arrays, spec, generatorFor) {
    const batch = makeBatch([''], [arrays], spec);
    const real = image8Of(batch.image!, spec.imageChannels, batch.width, batch.height);
    return [[generated(generatorFor('AtoB'), batch), real]];
  },
};

const bothWays: Comparison = {
  of: 'pairs by their names, the mean of both directions,',
  compare({ width, height, source, image }, { sourceChannels, imageChannels }, generatorFor) {
    const a = image8Of(source!, sourceChannels, width, height);
    const b = image8Of(image!, imageChannels, width, height);
    return [
      [translated(generatorFor('AtoB'), a), b],
      [translated(generatorFor('BtoA'), b), a],
    ];
  },
};

const cycles: Comparison = {
  of: 'images, not all of which have a partner by name, each against what comes back from the other domain,',
  compare({ width, height, source, image }, { sourceChannels, imageChannels }, generatorFor) {
    const own = image8Of((source ?? image)!, source === undefined ? imageChannels : sourceChannels, width, height);
    const [there, back] = source === undefined ? (['BtoA', 'AtoB'] as const) : (['AtoB', 'BtoA'] as const);
    return [[translated(generatorFor(back), translated(generatorFor(there), own)), own]];
  },
};

/** All, or as many as are wanted, drawn once and for all; in the order of their names. */
function chosen(samples: readonly Sample[], size: number, seed: number): readonly Sample[] {
  if (samples.length <= size) return samples;
  const drawn = shuffledOrder(samples.length, seed, 0).slice(0, size).sort();
  return Array.from(drawn, index => samples[index]!);
}

function nothingHeldOut({ dataroot, phase }: ValidationOptions): UserError {
  return new UserError({
    code: 'DATASET_NOT_FOUND',
    doing: 'looking for pairs to validate on (--validate)',
    where: dataroot,
    found: 'no folders of inputs of val or test',
    expected: `pairs beside those of ${phase}: folders named as its are, with val or test in front`,
    remedy: `put some of the pairs into such folders instead of those of ${phase}, or leave --validate out`,
  });
}

function tooSmall({ title, leastSide }: PairMetric, sample: Sample, width: number, height: number): UserError {
  return new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: 'looking at the pairs to validate on (--validate)',
    where: sample.image ?? sample.source ?? sample.stem,
    found: `${width}×${height} pixels, as training sees it`,
    expected: `at least ${leastSide}×${leastSide}, for which ${title} is defined`,
    remedy: 'choose another metric with --validate, or train at a larger --load-size',
  });
}
