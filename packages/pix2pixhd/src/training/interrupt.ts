/**
 * Ctrl-C as a question that the training loop asks between steps; a terminal that goes away, and output that nobody reads
 * any more, ask the same. Depends on Node's signals and standard streams only.
 *
 * Node delivers signals between turns of its event loop. The loop must therefore await something in every step, and a
 * signal that arrives during native computation is seen when that returns.
 */

const signals = ['SIGINT', 'SIGTERM'] as const;
/** Comes once from the shell and once from the system, when a terminal is closed or a connection breaks off. */
const hangUp = 'SIGHUP';

type Listener = (error: Error) => void;

/** The exit code of a process ended by Ctrl-C, as shells have it. */
export const interruptedExitCode = 130;

/** Listens for SIGINT, SIGTERM and SIGHUP, and for the loss of standard output and error, until disposed of. */
export class Interrupt implements Disposable {
  #requested = false;
  readonly #onFirst: () => void;
  readonly #onSignal = (): void => {
    if (this.#requested) process.exit(interruptedExitCode);
    this.#onLoss();
  };
  readonly #onLoss = (): void => {
    if (this.#requested) return;
    this.#requested = true;
    this.#onFirst();
  };
  /** Who listened to errors of a stream before: such as end the process at once. */
  #before: ReadonlyArray<readonly [NodeJS.WriteStream, Listener[]]>;

  /**
   * @param onFirst called at the first signal, to say that the run is about to be saved; a second SIGINT or SIGTERM exits
   * at once with 130.
   */
  constructor(onFirst: () => void = () => {}) {
    this.#onFirst = onFirst;
    for (const signal of signals) process.on(signal, this.#onSignal);
    process.on(hangUp, this.#onLoss);
    this.#before = [process.stdout, process.stderr].map(stream => {
      const listeners = stream.listeners('error') as Listener[];
      stream.removeAllListeners('error').on('error', this.#onLoss);
      return [stream, listeners];
    });
  }

  /** Whether a signal has come: save and leave. */
  get requested(): boolean {
    return this.#requested;
  }

  /** Gives the signals and the streams back their ordinary meaning. */
  dispose(): void {
    for (const signal of signals) process.off(signal, this.#onSignal);
    process.off(hangUp, this.#onLoss);
    for (const [stream, listeners] of this.#before) {
      stream.off('error', this.#onLoss);
      for (const listener of listeners) stream.on('error', listener);
    }
    this.#before = [];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
