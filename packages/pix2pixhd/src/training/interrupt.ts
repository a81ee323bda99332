/**
 * Ctrl-C as a question that the training loop asks between steps. Depends on Node's signals only.
 *
 * Node delivers signals between turns of its event loop. The loop must therefore await something in every step, and a
 * signal that arrives during native computation is seen when that returns.
 */

/** The exit codes of a process that a signal ended, as shells have them: 128 and the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

const signals = Object.keys(exitCodes) as (keyof typeof exitCodes)[];

/** Listens for SIGINT and SIGTERM until disposed of. */
export class Interrupt implements Disposable {
  #exitCode: number | undefined;
  readonly #onFirst: () => void;
  readonly #onSignal = (signal: keyof typeof exitCodes): void => {
    if (this.requested) process.exit(exitCodes[signal]);
    this.#exitCode = exitCodes[signal];
    this.#onFirst();
  };

  /** @param onFirst called at the first signal, to say that the run is about to be saved; the second exits at once, 130 or 143. */
  constructor(onFirst: () => void = () => {}) {
    this.#onFirst = onFirst;
    for (const signal of signals) process.on(signal, this.#onSignal);
  }

  /** Whether a signal has come: save and leave. */
  get requested(): boolean {
    return this.#exitCode !== undefined;
  }

  /**
   * The exit code of a process that ends because of the signal, when it has saved: 130 for SIGINT, 143 for SIGTERM, so that a
   * shell does not go on with what was to follow. 0 where no signal came.
   */
  get exitCode(): number {
    return this.#exitCode ?? 0;
  }

  /** Gives the signals back their ordinary meaning. */
  dispose(): void {
    for (const signal of signals) process.off(signal, this.#onSignal);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
