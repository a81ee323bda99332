/**
 * Reports in plain words what GAN losses do not show at a glance: that the discriminator has won or is undecided, that the
 * generator makes one image whatever the input, that a loss jumps or is not finite. Plain arithmetic on losses and images;
 * depends on the evaluation module's distance between images.
 */

import type { TrainConfig } from '../../config/schema.js';
import { l1 } from '../../evaluation/l1.js';
import type { GanMode } from '../../losses/adversarial.js';
import type { Image8 } from '../../raster.js';
import { type Symptom, wordsFor } from './advice.js';
import { Recent } from './recent.js';
import {
  easing,
  judgeEvery,
  jump,
  sameDisplays,
  sameFromStep,
  sameShare,
  type Thresholds,
  thresholds,
  windowSteps,
} from './thresholds.js';

/** A symptom that began or ended. */
export interface Notice {
  readonly symptom: Symptom;
  readonly step: number;
  readonly began: boolean;
  /** What it is, with figures, and what to do: whole sentences. */
  readonly text: string;
}

/** A symptom that lasts. */
interface Ongoing {
  /** The first step at which it was seen. */
  readonly since: number;
  /** The figures that show it. */
  figures: string;
}

/** The most serious first: the order in the health line. */
const order: readonly Symptom[] = ['not-finite', 'jump', 'same-output', 'discriminator-won', 'discriminator-undecided'];

/** The health of one run, or of one stage of it. */
export class Health {
  readonly #ganMode: GanMode;
  readonly #model: TrainConfig['model'];
  readonly #thresholds: Thresholds;
  readonly #scales: number;
  readonly #losses = new Map<string, Recent>();
  readonly #ongoing = new Map<Symptom, Ongoing>();
  /** The means of the losses before the jump that lasts; empty if there is none. */
  readonly #beforeJump = new Map<string, number>();
  #step = 0;
  #steps = 0;
  #sameInARow = 0;
  #lastNotFinite = Number.NEGATIVE_INFINITY;
  #notFinite = 0;

  /**
   * @param scales the number of discriminators, over which the losses are sums.
   * @param model whose options the remedies name.
   */
  constructor(ganMode: GanMode, scales: number, model: TrainConfig['model'] = 'pix2pixHD') {
    this.#model = model;
    this.#ganMode = ganMode;
    this.#thresholds = thresholds[ganMode];
    this.#scales = scales;
  }

  /**
   * To be called after a step. On resuming, pass the last steps of the log first, so that the run's health is known at once.
   *
   * @param losses by name: `D_real` and `D_fake` show how the discriminator does; all are watched for jumps.
   * @returns what began or ended with this step, usually nothing.
   */
  step(step: number, losses: Readonly<Record<string, number>>): Notice[] {
    this.#step = step;
    const bad = Object.keys(losses).find(name => !Number.isFinite(losses[name]));
    if (bad !== undefined) return this.#noteNotFinite(bad);
    this.#steps++;
    for (const [name, value] of Object.entries(losses)) this.#recent(name).push(value);
    if (this.#steps % judgeEvery !== 0) return [];
    return [...this.#judgeNotFinite(), ...this.#judgeJumps(), ...this.#judgeDiscriminator()];
  }

  /**
   * To be called after the images of the sample pairs were generated.
   *
   * @param generated the outputs for different inputs.
   * @param real the real images in the same order.
   */
  samples(step: number, generated: readonly Image8[], real: readonly Image8[]): Notice[] {
    this.#step = step;
    if (step < sameFromStep) return [];
    const [outputs, originals] = [meanDifference(generated), meanDifference(real)];
    // One pair, no two of the same size, or the same real image for all inputs: no conclusion is possible.
    if (outputs === null || originals === null || originals === 0) return [];
    const limit = this.#ongoing.has('same-output') ? easing * sameShare : sameShare;
    this.#sameInARow = outputs < limit * originals ? this.#sameInARow + 1 : 0;
    const grey = (share: number) => format(255 * share);
    const figures = `outputs differ by ${grey(outputs)} of 255 grey levels, the real images by ${grey(originals)}`;
    return this.#settle('same-output', this.#sameInARow >= sameDisplays, step, figures);
  }

  /** The state of the run in one line: "health: good", or what is wrong, for how long, and what to try. */
  line(): string {
    const parts = order.flatMap(symptom => {
      const ongoing = this.#ongoing.get(symptom);
      if (ongoing === undefined) return [];
      const { name, brief } = wordsFor(symptom, this.#ganMode, this.#model);
      const steps = this.#step - ongoing.since + 1;
      return [`${name} (${ongoing.figures}; for ${steps} step${steps === 1 ? '' : 's'}): ${brief}`];
    });
    if (parts.length > 0) return `health: ${parts.join('; ')}`;
    if (this.#steps < windowSteps) return `health: too early to tell (${this.#steps} of ${windowSteps} steps)`;
    return 'health: good';
  }

  #recent(name: string): Recent {
    const known = this.#losses.get(name);
    if (known !== undefined) return known;
    const recent = new Recent(windowSteps);
    this.#losses.set(name, recent);
    return recent;
  }

  #noteNotFinite(name: string): Notice[] {
    this.#notFinite = this.#ongoing.has('not-finite') ? this.#notFinite + 1 : 1;
    this.#lastNotFinite = this.#step;
    const figures = this.#notFinite === 1 ? `${name} at step ${this.#step}` : `${this.#notFinite} steps skipped`;
    return this.#settle('not-finite', true, this.#step, figures);
  }

  #judgeNotFinite(): Notice[] {
    if (this.#step - this.#lastNotFinite < windowSteps) return [];
    return this.#settle('not-finite', false, this.#step, '');
  }

  #judgeJumps(): Notice[] {
    if (this.#steps < windowSteps) return [];
    const least = jump.leastShare * this.#thresholds.undecided * this.#scales;
    // The hinge loss of the generator has either sign, so it has no ratio.
    const watched = [...this.#losses].filter(([name]) => !(this.#ganMode === 'hinge' && name === 'G_GAN'));
    const changes = watched.map(([name, recent]) => {
      // While a jump lasts, compare with the losses before it; otherwise it would soon be compared with itself.
      const before = this.#beforeJump.get(name) ?? recent.mean(0, -jump.steps);
      const now = recent.mean(-jump.steps);
      return { name, before, now, ratio: now / Math.max(before, least) };
    });
    const most = changes.reduce((worst, change) => (change.ratio > worst.ratio ? change : worst));
    const holds = most.ratio > (this.#beforeJump.size > 0 ? jump.over : jump.factor);
    if (!holds) this.#beforeJump.clear();
    else if (this.#beforeJump.size === 0) for (const { name, before } of changes) this.#beforeJump.set(name, before);
    const figures = `${most.name} ${format(most.now)}, before it ${format(most.before)}`;
    return this.#settle('jump', holds, this.#step - jump.steps + 1, figures);
  }

  #judgeDiscriminator(): Notice[] {
    const real = this.#losses.get('D_real');
    const fake = this.#losses.get('D_fake');
    if (real === undefined || fake === undefined || real.length < windowSteps) return [];
    const { won, undecided, still } = this.#thresholds;
    const figures = `D_real ${format(real.median())}, D_fake ${format(fake.median())}`;
    const judge = (symptom: Symptom, value: number, limit: number): Notice[] => {
      const holds = value < (this.#ongoing.has(symptom) ? easing : 1) * limit * this.#scales;
      return this.#settle(symptom, holds, this.#step - windowSteps + 1, figures);
    };
    const centre = undecided * this.#scales;
    return [
      ...judge('discriminator-won', Math.max(real.median(), fake.median()), won),
      ...judge('discriminator-undecided', Math.max(real.distanceFrom(centre), fake.distanceFrom(centre)), still),
    ];
  }

  /** Records whether a symptom is present. @returns a notice if that has changed. */
  #settle(symptom: Symptom, holds: boolean, since: number, figures: string): Notice[] {
    const before = this.#ongoing.get(symptom);
    if (holds && before !== undefined) before.figures = figures;
    if (holds === (before !== undefined)) return [];
    const { name, meaning, remedy } = wordsFor(symptom, this.#ganMode, this.#model);
    const step = this.#step;
    if (holds) {
      this.#ongoing.set(symptom, { since, figures });
      return [{ symptom, step, began: true, text: `${meaning} (${figures}.) ${remedy}` }];
    }
    this.#ongoing.delete(symptom);
    return [{ symptom, step, began: false, text: `Over since about step ${step}: ${name}.` }];
  }
}

/** The mean L1 distance in [0, 1] over all pairs of images of the same size; null if there is no such pair. */
function meanDifference(images: readonly Image8[]): number | null {
  const distances = images.flatMap((a, i) =>
    images
      .slice(i + 1)
      .filter(b => a.width === b.width && a.height === b.height && a.channels === b.channels)
      .map(b => l1(a, b)),
  );
  if (distances.length === 0) return null;
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

/** Two significant digits without an exponent: `0.012`, `1.2`, `120`. */
function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(2)));
}
