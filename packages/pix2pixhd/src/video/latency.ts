/** Median and percentiles of durations, in bounded memory. Pure; depends on nothing. */

/** How many of the last durations count. */
const KEPT = 10_000;

/** Collects durations; the last 10,000 count. */
export class Durations {
  readonly #kept = new Float64Array(KEPT);
  #count = 0;

  /** Adds one. */
  add(milliseconds: number): void {
    this.#kept[this.#count++ % KEPT] = milliseconds;
  }

  /** The smallest duration that at least `share` of them, 0…1, do not exceed; null where there are none. */
  percentile(share: number): number | null {
    const sorted = this.#kept.slice(0, Math.min(this.#count, KEPT)).sort();
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  }
}
