/** Threads that measure, one a core. Depends on figure-worker.ts and Node's threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Failure, fromFailure } from '../failure.js';
import type { Reading } from './compared-image.js';
import { type FigureWork, measureFigures } from './figure-work.js';

/** Fewer images are measured sooner than threads start. */
const LEAST_IMAGES = 8;

/** To a thread, and back. */
export interface FigureRequest {
  readonly id: number;
  readonly work: FigureWork;
}
export type FigureReply = { readonly id: number } & ({ readonly figures: number[][] } | { readonly failure: Failure });

/** What measures images. */
export interface FigurePool extends AsyncDisposable {
  /** How many images are worth giving it at once. */
  readonly atOnce: number;
  /** @throws as `measureFigures` does. */
  measure(work: FigureWork): Promise<number[][]>;
}

/** Threads, or where there are few images none. */
export function figurePool(images: number, reading: Reading): FigurePool {
  if (images >= LEAST_IMAGES) return new Threads(reading);
  return { atOnce: 1, measure: work => measureFigures(work, reading), async [Symbol.asyncDispose]() {} };
}

interface Waiting {
  readonly resolve: (figures: number[][]) => void;
  readonly reject: (error: unknown) => void;
}

class Threads implements FigurePool {
  readonly #workers: readonly { readonly worker: Worker; readonly open: Map<number, Waiting> }[];
  #next = 0;
  #broken: unknown;

  constructor(reading: Reading) {
    this.#workers = Array.from({ length: availableParallelism() }, () => {
      const worker = new Worker(new URL('./figure-worker.js', import.meta.url), { workerData: reading, execArgv: [] });
      const open = new Map<number, Waiting>();
      const end = (error: unknown) => {
        this.#broken ??= error;
        for (const { reject } of open.values()) reject(error);
        open.clear();
      };
      worker.on('message', (reply: FigureReply) => {
        const waiting = open.get(reply.id);
        open.delete(reply.id);
        if ('figures' in reply) waiting?.resolve(reply.figures);
        else waiting?.reject(fromFailure(reply.failure));
      });
      worker.on('error', end);
      worker.on('exit', () => end(new Error('a thread that measures has ended')));
      return { worker, open };
    });
  }

  /** One decodes while another waits to be sent the next. */
  get atOnce(): number {
    return 2 * this.#workers.length;
  }

  measure(work: FigureWork): Promise<number[][]> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const id = this.#next++;
    // The one with the least to do.
    const { worker, open } = this.#workers.reduce((least, one) => (one.open.size < least.open.size ? one : least));
    return new Promise((resolve, reject) => {
      open.set(id, { resolve, reject });
      worker.postMessage({ id, work } satisfies FigureRequest);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()));
  }
}
