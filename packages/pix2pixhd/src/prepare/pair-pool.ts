/**
 * Threads that make pairs, one a core: resampling and looking up colours keep one busy. Depends on pair-worker.ts, steps.ts and
 * Node's threads.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Failure, fromFailure } from '../failure.js';
import { DoesNotTell } from './does-not-tell.js';
import type { SplitPair } from './split.js';
import type { PlannedStep, StepSpec } from './steps.js';
import { CannotWrite, type Destination, type PairFiles } from './write-pair.js';

/** Fewer pairs are made sooner than threads start. */
const LEAST_PAIRS = 8;

/** Given to a thread when it starts. */
export interface PairWorkerSetup {
  readonly steps: readonly StepSpec[];
  readonly destination: Destination;
}

/** To a thread, and back. */
export interface PairRequest {
  readonly id: number;
  readonly pair: SplitPair;
}
export type PairReply = { readonly id: number } & (
  | { readonly files: PairFiles }
  | { readonly failure: Failure; readonly of: 'writing' | 'not-telling' | 'other' }
);

/** Threads that make pairs. */
export interface PairPool extends AsyncDisposable {
  write(pair: SplitPair): Promise<PairFiles>;
}

/** Threads for steps that are work; undefined where there are none, or one of them cannot leave its thread. */
export function poolFor(steps: readonly PlannedStep[], destination: Destination, pairs: number): PairPool | undefined {
  const specs = steps.filter(step => typeof step !== 'function');
  if (specs.length === 0 || specs.length < steps.length || pairs < LEAST_PAIRS) return undefined;
  return new Pool({ steps: specs, destination });
}

interface Waiting {
  readonly resolve: (files: PairFiles) => void;
  readonly reject: (error: unknown) => void;
}

class Pool implements PairPool {
  readonly #workers: readonly { readonly worker: Worker; readonly open: Map<number, Waiting> }[];
  #next = 0;
  #broken: unknown;

  constructor(setup: PairWorkerSetup) {
    this.#workers = Array.from({ length: availableParallelism() }, () => {
      const worker = new Worker(new URL('./pair-worker.js', import.meta.url), { workerData: setup, execArgv: [] });
      const open = new Map<number, Waiting>();
      const end = (error: unknown) => {
        this.#broken ??= error;
        for (const { reject } of open.values()) reject(error);
        open.clear();
      };
      worker.on('message', (reply: PairReply) => {
        const waiting = open.get(reply.id);
        open.delete(reply.id);
        if ('files' in reply) waiting?.resolve(reply.files);
        else waiting?.reject(errorOf(reply));
      });
      worker.on('error', end);
      worker.on('exit', () => end(new Error('a thread that makes pairs has ended')));
      return { worker, open };
    });
  }

  write(pair: SplitPair): Promise<PairFiles> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const id = this.#next++;
    // The one with the least to do.
    const { worker, open } = this.#workers.reduce((least, one) => (one.open.size < least.open.size ? one : least));
    return new Promise((resolve, reject) => {
      open.set(id, { resolve, reject });
      worker.postMessage({ id, pair } satisfies PairRequest);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()));
  }
}

/** The error again, with the class that callers tell it by. */
function errorOf({ failure, of }: Extract<PairReply, { failure: Failure }>): Error {
  if (failure.kind === 'other') return fromFailure(failure);
  if (of === 'writing') return new CannotWrite(failure.parts);
  return of === 'not-telling' ? DoesNotTell.again(failure.parts) : fromFailure(failure);
}
