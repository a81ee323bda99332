/** Two ways to read a stream while what was read before is worked on: one value ahead, or the latest one. Depends on nothing. */

/** The values of a source in order; the next one is awaited while one is worked on. */
export async function* oneAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const values = source[Symbol.asyncIterator]();
  let next = quiet(values.next());
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = quiet(values.next());
      yield value;
    }
  } finally {
    // Not awaited: a source that has stalled never answers.
    quiet(Promise.resolve(values.return?.()));
  }
}

/** The values of a source as they come; of those that came while one was worked on, the latest. */
export class Latest<T extends object> implements AsyncIterable<T> {
  readonly #source: AsyncIterable<T>;
  #held: T | undefined;
  #dropped = 0;
  #wake: () => void = () => {};

  constructor(source: AsyncIterable<T>) {
    this.#source = source;
  }

  /** How many values were passed over. */
  get dropped(): number {
    return this.#dropped;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    let ended = false;
    const reading = quiet(
      this.#readAll(() => ended).finally(() => {
        ended = true;
        this.#wake();
      }),
    );
    try {
      for (;;) {
        const value = this.#held;
        this.#held = undefined;
        if (value !== undefined) yield value;
        else if (ended) return await reading;
        else
          await new Promise<void>(resolve => {
            this.#wake = resolve;
          });
      }
    } finally {
      ended = true;
    }
  }

  async #readAll(isLeft: () => boolean): Promise<void> {
    for await (const value of this.#source) {
      if (isLeft()) return;
      if (this.#held !== undefined) this.#dropped++;
      this.#held = value;
      this.#wake();
    }
  }
}

/** The promise itself; its failure is dealt with when it is awaited, if it is. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
