/**
 * The losses of a run, however long, in bounded memory: neighbouring steps are merged once there are too many to tell
 * apart on a page. Depends on nothing.
 */

/** One step's losses by name, beside `step`; `null` where a loss was not finite. A `LossRecord` is one. */
export type LossPoint = Readonly<Record<string, number | null>>;

/** One loss over some neighbouring steps. */
export interface SeriesPoint {
  /** The mean of their step numbers. */
  readonly step: number;
  /** The mean of their positions among all steps, counted from 0. */
  readonly place: number;
  /** How many of them had a finite loss. */
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** Finite values of one loss. */
interface Values {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** Neighbouring steps. */
interface Bucket {
  steps: number;
  stepSum: number;
  readonly losses: Map<string, Values>;
}

/** More points than this cannot be told apart in a panel, and would make the page large. */
export const maxBuckets = 500;

/** Fields of a record that are not losses. */
const notLosses = new Set(['step', 'epoch', 'seconds', 'lr']);

/** The time per step is the median of this many. */
const recentSteps = 100;

/**
 * The steps of a run, in at most {@link maxBuckets} buckets of equal size: when all are full, neighbours merge in pairs. Adding a step costs the same at the millionth as at the first.
 */
export class LossHistory {
  #buckets: Bucket[] = [];
  /** Steps per bucket. */
  #width = 1;
  #first: number | undefined;
  #last: LossPoint | undefined;
  #recentSeconds: number[] = [];
  #seconds = 0;

  /** Adds the next step. A record without a number as `step` is ignored. */
  add(point: LossPoint): void {
    const { step, seconds } = point;
    if (typeof step !== 'number') return;
    this.#first ??= step;
    this.#last = point;
    if (typeof seconds === 'number') {
      this.#seconds += seconds;
      this.#recentSeconds.push(seconds);
      if (this.#recentSeconds.length > recentSteps) this.#recentSeconds.shift();
    }
    const bucket = this.#open();
    bucket.steps++;
    bucket.stepSum += step;
    for (const [name, loss] of Object.entries(point)) {
      if (notLosses.has(name)) continue;
      const values = valuesOf(bucket, name);
      if (loss !== null && Number.isFinite(loss)) take(values, { count: 1, sum: loss, min: loss, max: loss });
    }
  }

  /** The newest step. */
  get last(): LossPoint | undefined {
    return this.#last;
  }

  /** The first and the last step's number; 0 and 1 before the first step. */
  get range(): readonly [first: number, last: number] {
    return [this.#first ?? 0, this.#last?.step ?? 1];
  }

  /** Seconds that all steps took. */
  get seconds(): number {
    return this.#seconds;
  }

  /** The median seconds of the newest {@link recentSteps} steps; undefined if none is known. */
  get recentSeconds(): number | undefined {
    return [...this.#recentSeconds].sort((a, b) => a - b)[this.#recentSeconds.length >> 1];
  }

  /** The names of the losses, in the order in which they first appeared. */
  names(): string[] {
    return [...new Set(this.#buckets.flatMap(({ losses }) => [...losses.keys()]))];
  }

  /** One loss from the first step to the last, in at most {@link maxBuckets} points; none where it was not finite. */
  series(name: string): SeriesPoint[] {
    return this.#buckets.flatMap(({ steps, stepSum, losses }, i) => {
      const values = losses.get(name);
      if (values === undefined || values.count === 0) return [];
      const { count, sum, min, max } = values;
      return { step: stepSum / steps, place: i * this.#width + (steps - 1) / 2, count, mean: sum / count, min, max };
    });
  }

  /** The bucket that takes the next step. */
  #open(): Bucket {
    const newest = this.#buckets.at(-1);
    if (newest !== undefined && newest.steps < this.#width) return newest;
    if (this.#buckets.length === maxBuckets) {
      this.#width *= 2;
      this.#buckets = Array.from({ length: maxBuckets / 2 }, (_, i) =>
        merged(this.#buckets[2 * i]!, this.#buckets[2 * i + 1]!),
      );
    }
    const bucket: Bucket = { steps: 0, stepSum: 0, losses: new Map() };
    this.#buckets.push(bucket);
    return bucket;
  }
}

function merged(one: Bucket, other: Bucket): Bucket {
  for (const [name, values] of other.losses) take(valuesOf(one, name), values);
  one.steps += other.steps;
  one.stepSum += other.stepSum;
  return one;
}

function valuesOf({ losses }: Bucket, name: string): Values {
  let values = losses.get(name);
  if (values === undefined) {
    values = { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
    losses.set(name, values);
  }
  return values;
}

function take(values: Values, more: Values): void {
  values.count += more.count;
  values.sum += more.sum;
  values.min = Math.min(values.min, more.min);
  values.max = Math.max(values.max, more.max);
}
