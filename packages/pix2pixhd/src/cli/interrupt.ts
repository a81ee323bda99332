/**
 * Ctrl-C as an abort signal, on which a command saves and ends; a terminal that goes away and output that nobody reads any
 * more abort it too. Depends on Node's signals and standard streams only.
 *
 * Node delivers signals between turns of its event loop. What is to be interrupted must therefore await something now and
 * then; a signal that arrives during native computation is seen when that returns.
 */

/** The exit codes of a process that a signal ended, as shells have them: 128 and the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Of output that nobody reads any more. */
const brokenPipe = 141;

type Listener = (error: Error) => void;

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Listens for SIGINT, SIGTERM and SIGHUP, and for the loss of standard output and error, until disposed of. */
export class Interrupt implements Disposable {
  readonly #abort = new AbortController();
  #exitCode: number | undefined;
  readonly #onFirst: () => void;
  readonly #onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (this.requested) process.exit(exitCodes[signal]);
    this.#request(exitCodes[signal]);
  };
  /** Comes once from the shell and once from the system, when a terminal is closed or a connection breaks. */
  readonly #onHangUp = (): void => this.#request(exitCodes.SIGHUP);
  readonly #onLoss = (): void => this.#request(brokenPipe);

  #request(exitCode: number): void {
    if (this.requested) return;
    this.#exitCode = exitCode;
    this.#onFirst();
    this.#abort.abort();
  }

  /** The earlier listeners to errors of the streams: some end the process at once. */
  #before: ReadonlyArray<readonly [NodeJS.WriteStream, Listener[]]>;

  /**
   * @param onFirst called at the first signal, to say that the run is about to be saved; a second SIGINT or SIGTERM exits
   * at once with 130 or 143.
   */
  constructor(onFirst: () => void = () => {}) {
    this.#onFirst = onFirst;
    for (const signal of signals) process.on(signal, this.#onSignal);
    process.on('SIGHUP', this.#onHangUp);
    this.#before = [process.stdout, process.stderr].map(stream => {
      const listeners = stream.listeners('error') as Listener[];
      stream.removeAllListeners('error').on('error', this.#onLoss);
      return [stream, listeners];
    });
  }

  /** Aborted at the first signal: save and end. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether a signal has come: save and end. */
  get requested(): boolean {
    return this.#exitCode !== undefined;
  }

  /**
   * The exit code of a process that ends because of the signal, when it has saved: 130 for SIGINT, 143 for SIGTERM, 129 for
   * SIGHUP, 141 where the output was lost, so that a shell does not run what follows. 0 where none came.
   */
  get exitCode(): number {
    return this.#exitCode ?? 0;
  }

  /** Gives the signals and the streams back their ordinary meaning. */
  dispose(): void {
    for (const signal of signals) process.off(signal, this.#onSignal);
    process.off('SIGHUP', this.#onHangUp);
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
