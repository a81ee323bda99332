/** The last few values of a loss, and statistics of them. Depends on nothing. */

/** Keeps the last `capacity` values. */
export class Recent {
  readonly #values: number[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.#capacity) this.#values.shift();
  }

  get length(): number {
    return this.#values.length;
  }

  /** The mean of the values from `start` up to `end`, as in `Array.slice`; NaN if there are none. */
  mean(start = 0, end?: number): number {
    const values = this.#values.slice(start, end);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  /** The upper median, which unlike the mean is robust against outliers. NaN if there are no values. */
  median(): number {
    return [...this.#values].sort((a, b) => a - b)[this.#values.length >> 1] ?? Number.NaN;
  }

  /** Root mean square distance of the values from `centre`. */
  distanceFrom(centre: number): number {
    return Math.sqrt(this.#values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / this.#values.length);
  }
}
