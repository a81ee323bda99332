/**
 * `load/`: samples to batches: decode, resize, crop, mirror, normalise, cache, stack. It may import the other folders of data
 * but `check/`.
 *
 * This file hands out batches that worker threads prepare while the main thread computes. Depends on random.ts and the other
 * files of load.
 */
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { reasonOf, UserError } from '../../errors.js';
import { fromFailure } from '../../failure.js';
import type { Sample } from '../find/pairs.js';
import { shuffledOrder } from '../random.js';
import { type Batch, makeBatch } from './batch.js';
import type { BatchSource } from './batch-source.js';
import {
  buffersOf,
  type SampleReply,
  type WorkerReply,
  type WorkerRequest,
  type WorkerSetup,
} from './loader-protocol.js';
import type { SampleArrays, SampleSpec } from './sample.js';
import { openCacheFolder } from './sample-cache.js';
import { giveBackThread, takeThread } from './threads.js';

/** How a {@link Loader} works through its samples. */
export interface LoaderOptions {
  readonly samples: readonly Sample[];
  /** What each sample is made into. */
  readonly spec: SampleSpec;
  readonly batchSize: number;
  /** Decides order, crops and flips, together with the epoch. */
  readonly seed: number;
  /** Visit the samples in a new random order every epoch; default true. */
  readonly shuffle?: boolean;
  /** Leave out a last batch with fewer samples; default false. */
  readonly dropLast?: boolean;
  /** Threads; default two, one on a single-core machine. */
  readonly workers?: number;
  /** Batches to prepare ahead; default two per worker. */
  readonly prefetch?: number;
  /** Bytes of decoded images to keep in memory, over all workers; default 256 MiB. */
  readonly cacheBytes?: number;
  /**
   * Folder in which decoded and resized samples are kept, for later epochs, runs and other processes too; it is made
   * where it is missing. Default none.
   */
  readonly cacheFolder?: string;
  /** Preparing ahead goes on into the next epoch, up to (not including) this one; default: no end. */
  readonly epochs?: number;
  /** Called once for each different thing the user should know: sizes rounded, transparency ignored. */
  readonly onNotice?: (notice: string) => void;
}

/** A batch that has been asked for: the requests of its samples, in order. */
interface Ordered {
  readonly epoch: number;
  readonly batch: number;
  readonly indices: Uint32Array;
  readonly ids: readonly number[];
}

interface Thread {
  readonly worker: Worker;
  /** Requests it has not answered. */
  readonly open: Set<number>;
}

type Outcome = { readonly arrays: SampleArrays } | { readonly error: Error };

/**
 * Gives out the batches of an epoch in order. What a batch holds depends only on samples, options, seed, epoch and
 * its number, not on workers or on what was asked before: resuming in the middle of an epoch gives the same batches.
 */
export class Loader implements BatchSource<Batch> {
  readonly #options: LoaderOptions;
  readonly #prefetch: number;
  readonly #threads: readonly Thread[];
  /** Which thread keeps a sample in its cache; -1 for none. */
  readonly #owners: Int32Array;
  readonly #outcomes = new Map<number, Outcome>();
  readonly #discarded = new Set<number>();
  readonly #noticed = new Set<string>();
  #queue: Ordered[] = [];
  #order: { readonly epoch: number; readonly order: Uint32Array } | undefined;
  #nextId = 0;
  #recycled = 0;
  #waiting: (() => void)[] = [];
  #broken: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: LoaderOptions) {
    const { samples, batchSize, spec, seed, cacheFolder } = options;
    const workers = options.workers ?? Math.min(2, availableParallelism());
    this.#prefetch = options.prefetch ?? 2 * workers;
    for (const [name, value] of Object.entries({ batchSize, workers, prefetch: this.#prefetch })) {
      if (!Number.isInteger(value) || value < 1)
        throw new RangeError(`Loader: ${name} must be at least 1, not ${value}`);
    }
    if (cacheFolder !== undefined) openCacheFolder(cacheFolder);
    this.#options = options;
    this.#owners = new Int32Array(samples.length).fill(-1);
    const cacheBytes = Math.floor((options.cacheBytes ?? 256 * 2 ** 20) / workers);
    const setup = { samples, spec, seed, cacheBytes, cacheFolder };
    this.#threads = Array.from({ length: workers }, (_, i) => this.#start(i, setup));
  }

  /** Number of batches in an epoch. */
  get batchesPerEpoch(): number {
    const { samples, batchSize, dropLast } = this.#options;
    return dropLast ? Math.floor(samples.length / batchSize) : Math.ceil(samples.length / batchSize);
  }

  /**
   * The batches of one epoch, from `startBatch` on. One epoch at a time; leaving the loop early is fine. A file that
   * cannot be used throws its {@link UserError} when its batch is due, not before.
   */
  async *epoch(epoch: number, startBatch = 0): AsyncGenerator<Batch, void, void> {
    for (let batch = startBatch; batch < this.batchesPerEpoch; batch++) yield await this.#take(epoch, batch);
  }

  /**
   * One batch of an epoch, the next one as a rule. Where a file cannot be used this rejects with its {@link UserError}, and
   * the batches after it can be asked for all the same.
   */
  batch(epoch: number, number: number): Promise<Batch> {
    return this.#take(epoch, number);
  }

  /**
   * Give back the memory of a batch for the samples to come, which saves garbage collection. The batch's arrays are empty
   * afterwards. Optional, and harmless when done twice.
   */
  release(batch: Batch): void {
    // The arrays of several samples were stacked in memory of another size.
    if (batch.stems.length === 1) this.#recycle(batch);
  }

  /** Let the threads go and drop what they hold. Idempotent; a batch being waited for fails. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#broken ??= new Error('the loader is closed');
    this.#wakeAll();
    await Promise.all(this.#threads.map(({ worker }) => release(worker)));
    this.#outcomes.clear();
    this.#queue = [];
  }

  async #take(epoch: number, batch: number): Promise<Batch> {
    if (this.#broken !== undefined) throw this.#broken;
    const head = this.#queue[0];
    if (head === undefined || head.epoch !== epoch || head.batch !== batch) {
      this.#discardQueue();
      this.#ask(epoch, batch);
    }
    const due = this.#queue.shift()!;
    this.#askAhead(due);
    const { samples, spec } = this.#options;
    try {
      const arrays: SampleArrays[] = [];
      for (const id of due.ids) arrays.push(await this.#outcome(id));
      const stems = Array.from(due.indices, index => samples[index]!.stem);
      for (const { notices } of arrays) this.#tell(notices);
      const stacked = makeBatch(stems, arrays, spec);
      if (arrays.length > 1) for (const parts of arrays) this.#recycle(parts);
      return stacked;
    } finally {
      for (const id of due.ids) this.#discard(id);
    }
  }

  #recycle(arrays: SampleArrays | Batch): void {
    if (this.#closing !== undefined) return;
    // Those given back already have no bytes.
    const buffers = buffersOf(arrays).filter(({ byteLength }) => byteLength > 0);
    const request: WorkerRequest = { kind: 'recycle', buffers };
    this.#threads[this.#recycled++ % this.#threads.length]!.worker.postMessage(request, buffers);
  }

  /** Keep `prefetch` batches asked for beyond `due`, into the next epoch where there is one. */
  #askAhead(due: Ordered): void {
    const end = this.#options.epochs ?? Number.POSITIVE_INFINITY;
    let { epoch, batch } = this.#queue.at(-1) ?? due;
    while (this.#queue.length < this.#prefetch) {
      batch++;
      if (batch >= this.batchesPerEpoch) {
        epoch++;
        batch = 0;
      }
      if (epoch !== due.epoch && epoch >= end) return;
      this.#ask(epoch, batch);
    }
  }

  #ask(epoch: number, batch: number): void {
    const { batchSize } = this.#options;
    const indices = this.#orderOf(epoch).slice(batch * batchSize, (batch + 1) * batchSize);
    const ids = Array.from(indices, index => this.#request(epoch, index));
    this.#queue.push({ epoch, batch, indices, ids });
  }

  #orderOf(epoch: number): Uint32Array {
    if (this.#order?.epoch !== epoch) {
      const { samples, seed, shuffle } = this.#options;
      const inPlace = () => Uint32Array.from({ length: samples.length }, (_, i) => i);
      this.#order = { epoch, order: shuffle === false ? inPlace() : shuffledOrder(samples.length, seed, epoch) };
    }
    return this.#order.order;
  }

  #request(epoch: number, index: number): number {
    const id = this.#nextId++;
    const owner = this.#threads[this.#owners[index]!];
    const thread = owner ?? this.#threads.reduce((a, b) => (b.open.size < a.open.size ? b : a));
    thread.open.add(id);
    const request: WorkerRequest = { kind: 'load', id, index, epoch };
    thread.worker.postMessage(request);
    return id;
  }

  async #outcome(id: number): Promise<SampleArrays> {
    // Threads keep the process alive only while a batch is awaited; those that were let go are no longer ours.
    if (this.#closing === undefined) for (const { worker } of this.#threads) worker.ref();
    try {
      for (;;) {
        const outcome = this.#outcomes.get(id);
        if (outcome !== undefined) {
          if ('error' in outcome) throw outcome.error;
          return outcome.arrays;
        }
        if (this.#broken !== undefined) throw this.#broken;
        await new Promise<void>(resolve => {
          this.#waiting.push(resolve);
        });
      }
    } finally {
      if (this.#closing === undefined) for (const { worker } of this.#threads) worker.unref();
    }
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #start(number: number, setup: WorkerSetup): Thread {
    const worker = takeThread();
    const open = new Set<number>();
    worker.on('message', (reply: WorkerReply) => {
      if ('closed' in reply) return;
      open.delete(reply.id);
      if ('arrays' in reply && reply.cached) this.#owners[reply.index] = number;
      if (!this.#discarded.delete(reply.id)) this.#outcomes.set(reply.id, outcomeOf(reply));
      this.#wakeAll();
    });
    const fail = (why: string) => {
      this.#broken ??= threadEnded(number, why);
      this.#wakeAll();
    };
    worker.on('error', error => fail(reasonOf(error)));
    worker.on('exit', code => fail(`exit code ${code}`));
    worker.postMessage({ kind: 'open', setup } satisfies WorkerRequest);
    return { worker, open };
  }

  #tell(notices: readonly string[]): void {
    for (const notice of notices) {
      if (this.#noticed.has(notice)) continue;
      this.#noticed.add(notice);
      this.#options.onNotice?.(notice);
    }
  }

  #discardQueue(): void {
    for (const { ids } of this.#queue) for (const id of ids) this.#discard(id);
    this.#queue = [];
  }

  /** Forget a request: its outcome, now or when it arrives. */
  #discard(id: number): void {
    if (!this.#outcomes.delete(id) && this.#threads.some(({ open }) => open.has(id))) this.#discarded.add(id);
  }
}

/** Has a thread finish what it is at and forget its loader; it waits for the next one then. */
async function release(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return;
  const closed = new Promise<boolean>(resolve => {
    worker.once('exit', () => resolve(false));
    worker.on('message', (reply: WorkerReply) => {
      if ('closed' in reply) resolve(true);
    });
  });
  worker.ref();
  worker.postMessage({ kind: 'close' } satisfies WorkerRequest);
  if (await closed) await giveBackThread(worker);
}

function threadEnded(number: number, why: string): UserError {
  return new UserError({
    code: 'THREAD_ENDED',
    doing: 'preparing the training images',
    where: `loader thread ${number + 1}`,
    found: `the thread has ended: ${why}`,
    expected: 'a thread that runs until the loader is closed',
    remedy:
      'continue with --resume; if it happens again, give fewer --workers, which takes less memory, and look for damaged images with pix2pixhd check',
  });
}

function outcomeOf(reply: SampleReply): Outcome {
  return 'failure' in reply ? { error: fromFailure(reply.failure) } : { arrays: reply.arrays };
}
