/**
 * Ctrl-C as a question that the training loop asks between steps. Depends on Node's signals only.
 *
 * Node delivers signals between turns of its event loop. The loop must therefore await something in every step, and a
 * signal that arrives during native computation is seen when that returns.
 */

const signals = ['SIGINT', 'SIGTERM'] as const;

/** The exit code of a process ended by Ctrl-C, as shells have it. */
export const interruptedExitCode = 130;

/** Listens for SIGINT and SIGTERM until disposed of. */
export class Interrupt implements Disposable {
  #requested = false;
  readonly #onFirst: () => void;
  readonly #onSignal = (): void => {
    if (this.#requested) process.exit(interruptedExitCode);
    this.#requested = true;
    this.#onFirst();
  };

  /** @param onFirst called at the first signal, to say that the run is about to be saved; the second exits at once with 130. */
  constructor(onFirst: () => void = () => {}) {
    this.#onFirst = onFirst;
    for (const signal of signals) process.on(signal, this.#onSignal);
  }

  /** Whether a signal has come: save and leave. */
  get requested(): boolean {
    return this.#requested;
  }

  /** Gives the signals back their ordinary meaning. */
  dispose(): void {
    for (const signal of signals) process.off(signal, this.#onSignal);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
