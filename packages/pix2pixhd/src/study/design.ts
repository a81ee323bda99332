/**
 * An experiment as it is planned: which images it takes, and the trials of every rater. Depends on plan.ts and experiment.ts; reads no
 * file.
 */
import { Random } from '../data/random.js';
import type { Experiment, StudyImage, Trial } from './experiment.js';
import type { Size } from './match.js';
import { balancedCells, hideAmong, shuffled } from './plan.js';

/** What is decided about an experiment. */
export interface Decisions {
  readonly name: string;
  readonly kind: Experiment['kind'];
  readonly title: string;
  readonly question: string;
  readonly consent: string;
  readonly methods: readonly string[];
  /** Whether there are real images; with limited time there must be. */
  readonly real: boolean;
  /** Whether what the images were made from is shown. */
  readonly labels: boolean;
  /** Of a rater, without practice and attention checks. */
  readonly trials: number;
  readonly practice: number;
  readonly checks: number;
  /** Milliseconds; only with limited time. */
  readonly exposures: readonly number[];
  readonly seed: number;
  /** Unguessable. */
  readonly secret: string;
  /** Unguessable, one for each rater. */
  readonly tokens: readonly string[];
  /** Makes names of files that say nothing. */
  readonly fileName: () => string;
}

/** Two that are compared: names of methods, or the real image (null). */
interface Condition {
  readonly first: string | null;
  readonly second: string | null;
  readonly exposureMs?: number;
}

// Separate streams of random numbers.
const ASIDE = 11;
const CHECKS = 12;
const PRACTICE = 13;

/** An attention check is shown at least this long, where the experiment has such a time. */
const longEnoughMs = 1000;

/** What raters compare: every pair of methods, or every method and the real image for every time. */
export function conditionsOf({
  kind,
  methods,
  exposures,
}: Pick<Decisions, 'kind' | 'methods' | 'exposures'>): Condition[] {
  if (kind === 'pairwise')
    return methods.flatMap((first, i) => methods.slice(i + 1).map(second => ({ first, second })));
  return methods.flatMap(first => exposures.map(exposureMs => ({ first, second: null, exposureMs })));
}

/**
 * Scenes for practice and attention checks, which are kept out of the other trials: nobody has seen a scene before it counts. At
 * most a quarter; too few scenes have several uses.
 */
export function setAside(
  stems: readonly string[],
  { practice, checks, seed }: Pick<Decisions, 'practice' | 'checks' | 'seed'>,
): { readonly aside: readonly string[]; readonly main: readonly string[] } {
  const order = shuffled(stems, new Random(seed, ASIDE));
  const count = Math.min(practice + checks, Math.floor(stems.length / 4));
  if (count === 0) return { aside: order, main: order };
  return { aside: order.slice(0, count), main: order.slice(count) };
}

/** Plans an experiment. @param sizes of the scenes, by stem. */
export function design(sizes: ReadonlyMap<string, Size>, decisions: Decisions): Experiment {
  const { name, kind, title, question, consent, methods, seed, secret, tokens } = decisions;
  const planner = new Planner(sizes, decisions);
  const raters = tokens.map((token, rater) => ({ token, trials: [...planner.trialsOf(rater)] }));
  const shared = { version: 1, name, kind, title, question, consent, seed, secret } as const;
  return { ...shared, methods: [...methods], images: planner.images, raters };
}

/** Makes the trials of one rater after the other, and lists the images that they take. */
class Planner {
  readonly images: StudyImage[] = [];
  readonly #places = new Map<string, number>();
  readonly #sizes: ReadonlyMap<string, Size>;
  readonly #decisions: Decisions;
  readonly #conditions: readonly Condition[];
  readonly #aside: readonly string[];
  readonly #main: readonly string[];

  constructor(sizes: ReadonlyMap<string, Size>, decisions: Decisions) {
    this.#sizes = sizes;
    this.#decisions = decisions;
    this.#conditions = conditionsOf(decisions);
    const { aside, main } = setAside([...sizes.keys()], decisions);
    this.#aside = aside;
    this.#main = main;
  }

  trialsOf(rater: number): readonly Trial[] {
    const { trials, seed } = this.#decisions;
    const sizes = { stems: this.#main.length, conditions: this.#conditions.length, trials, seed };
    const counted = balancedCells(rater, sizes).map(({ stem, condition, flipped }) =>
      this.#trial('trial', this.#main[stem]!, this.#conditions[condition]!, flipped),
    );
    const hidden = hideAmong(this.#checks(rater), counted, new Random(seed, CHECKS, rater, 1));
    return [...this.#practice(rater), ...hidden];
  }

  /** Both images first equally often, but for one. */
  #checks(rater: number): readonly Trial[] {
    const { checks, practice, seed, real, methods, exposures } = this.#decisions;
    const random = new Random(seed, CHECKS, rater);
    const flips = shuffled(
      Array.from({ length: checks }, (_, i) => (i + rater) % 2 === 0),
      random,
    );
    const long = exposures.find(exposure => exposure >= longEnoughMs) ?? exposures.at(-1);
    return flips.map((flipped, i) => {
      const stem = this.#aside[(practice + i) % this.#aside.length]!;
      const intact = real ? this.#image('real', stem) : this.#image('method', stem, methods[i % methods.length]!);
      return this.#shown('attention', stem, intact, this.#image('spoilt', stem), flipped, long);
    });
  }

  /** With limited time from long to short, so that it gets harder. */
  #practice(rater: number): readonly Trial[] {
    const { practice, seed } = this.#decisions;
    const random = new Random(seed, PRACTICE, rater);
    const order = [...shuffled(this.#conditions, random)].sort((a, b) => (b.exposureMs ?? 0) - (a.exposureMs ?? 0));
    return Array.from({ length: practice }, (_, i) => {
      const condition = order[Math.floor((i * order.length) / practice)]!;
      return this.#trial('practice', this.#aside[i % this.#aside.length]!, condition, random.uniform() < 0.5);
    });
  }

  #trial(role: Trial['role'], stem: string, { first, second, exposureMs }: Condition, flipped: boolean): Trial {
    const image = (name: string | null) =>
      name === null ? this.#image('real', stem) : this.#image('method', stem, name);
    return this.#shown(role, stem, image(first), image(second), flipped, exposureMs);
  }

  #shown(
    role: Trial['role'],
    stem: string,
    first: number,
    second: number,
    flipped: boolean,
    exposureMs?: number,
  ): Trial {
    const [a, b] = flipped ? [second, first] : [first, second];
    const label = this.#decisions.labels ? { label: this.#image('label', stem) } : {};
    return { role, a, b, ...label, ...(exposureMs !== undefined && { exposureMs }) };
  }

  /** The place of an image in the list, where it is put when it is first shown. */
  #image(role: StudyImage['role'], stem: string, method?: string): number {
    const key = JSON.stringify([role, stem, method]);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.images.length;
    const file = `${this.#decisions.fileName()}.png`;
    this.images.push({ file, stem, role, ...(method !== undefined && { method }), ...this.#sizes.get(stem)! });
    this.#places.set(key, place);
    return place;
  }
}
