/**
 * What a metric is. There are three kinds: arithmetic on a pair of images, a network's judgement of a pair, and a judgement of
 * all images together from what a network sees in each. A new metric is one file with one of these, and a line in
 * `judge/registry.ts`; everything that measures, keeps, prints and draws goes by these interfaces. Depends on the type of images.
 */
import type { ComparedImage } from './comparable.js';

/** What every metric says of itself. */
export interface MetricFacts {
  /** By which options and files name it: `ms-ssim`. */
  readonly name: string;
  /** As it is printed: `MS-SSIM`. */
  readonly title: string;
  /** `dB`, or empty where the figure has no unit. */
  readonly unit: string;
  /** Which direction is the better one. */
  readonly better: 'higher' | 'lower';
  /** Decimals worth printing. */
  readonly decimals: number;
  /** Counted up whenever the same images would get another figure: figures that were kept are then measured again. */
  readonly version: number;
  /** The protocol: whose definition, with which settings, of which implementation the figures are. */
  readonly protocol: string;
  /** Which images it is defined for: any, or grey and RGB alone. */
  readonly channels: 'any' | 'colour';
}

/** Arithmetic on two images. */
export interface PairMetric extends MetricFacts {
  readonly kind: 'pair';
  /** The shortest side for which it is defined. */
  readonly leastSide: number;
  /**
   * The figure of one pair.
   * @throws RangeError where the images differ in size or channels, or are too small.
   */
  readonly compare: (generated: ComparedImage, real: ComparedImage) => number;
}

/** A figure of each pair, by a network. */
export interface NetworkMetric extends MetricFacts {
  readonly kind: 'network';
  readonly leastSide: number;
  /** Files of weights that it needs, by the names of `pretrained/`. */
  readonly weights: readonly string[];
  /** Loads the network. @param files by the names in `weights`. */
  readonly open: (files: ReadonlyMap<string, string>, device: string) => PairMeter;
}

/** A network that judges pairs. */
export interface PairMeter extends Disposable {
  /** @param stem the name by which the pair is matched, for metrics that know more of it. */
  compare(generated: ComparedImage, real: ComparedImage, stem: string): number;
}

/** A figure of all images of a method, from observations of each. */
export interface SetMetric extends MetricFacts {
  readonly kind: 'set';
  readonly weights: readonly string[];
  /** What is observed, with its version: metrics that observe the same share the observations. */
  readonly observes: string;
  /** Below this number of images the figure is biased or unstable, which is said. */
  readonly fewImages: number;
  /** Loads the network. */
  readonly open: (files: ReadonlyMap<string, string>, device: string) => SetMeter;
  /**
   * The figure of a method.
   * @param generated the observations of its images, and `real` those of the real ones, in the same order.
   */
  readonly summarise: (generated: readonly Float32Array[], real: readonly Float32Array[]) => SetFigure;
}

/** A network that observes images. */
export interface SetMeter extends Disposable {
  /** @param stem the name by which the image is matched. */
  observe(image: ComparedImage, stem: string): Float32Array;
}

/** A figure of a set of images. */
export interface SetFigure {
  readonly value: number;
  readonly standardError?: number;
}

/** Any metric. */
export type Metric = PairMetric | NetworkMetric | SetMetric;

/** A figure as it is printed, without its unit: `19.07`, `∞`. */
export function formatNumber({ decimals }: Pick<MetricFacts, 'decimals'>, value: number): string {
  return Number.isFinite(value) ? value.toFixed(decimals) : value > 0 ? '∞' : '–';
}
