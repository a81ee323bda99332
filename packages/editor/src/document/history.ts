/** Undo and redo without limit: every state is kept, and states share what they have in common. */

/** A state and the step that led to it. */
export interface Step<S> {
  readonly name: string;
  readonly state: S;
}

/** The steps of a document. Never changes: every method returns another history. */
export class History<S> {
  readonly #steps: readonly Step<S>[];
  readonly #at: number;

  private constructor(steps: readonly Step<S>[], at: number) {
    this.#steps = steps;
    this.#at = at;
  }

  /** @param name of the first step, to which nothing leads back. */
  static of<S>(state: S, name: string): History<S> {
    return new History([{ name, state }], 0);
  }

  get state(): S {
    return this.#steps[this.#at]!.state;
  }

  /** All steps, those undone included. */
  get steps(): readonly Step<S>[] {
    return this.#steps;
  }

  /** The number of the step whose state is shown. */
  get at(): number {
    return this.#at;
  }

  /** A further step; what had been undone is gone. The same history where nothing changed. */
  with(name: string, state: S): History<S> {
    if (state === this.state) return this;
    return new History([...this.#steps.slice(0, this.#at + 1), { name, state }], this.#at + 1);
  }

  /** The state after another step, forwards or back. */
  goTo(step: number): History<S> {
    return new History(this.#steps, Math.max(0, Math.min(this.#steps.length - 1, step)));
  }

  get canUndo(): boolean {
    return this.#at > 0;
  }

  get canRedo(): boolean {
    return this.#at < this.#steps.length - 1;
  }
}
