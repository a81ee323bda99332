/**
 * A thread that prepares samples: decode, resize, crop, mirror, normalise. Started by threads.ts only. It takes requests
 * in order and needs nothing from the main thread in between, which is blocked for seconds at a time while it trains.
 */
import { parentPort } from 'node:worker_threads';
import { toFailure } from '../../failure.js';
import { sampleRandom } from '../random.js';
import { BufferPool } from './buffer-pool.js';
import { buffersOf, type WorkerReply, type WorkerRequest, type WorkerSetup } from './loader-protocol.js';
import { augment, type Images, imageBytes, loadImages, type SampleArrays } from './sample.js';
import { SampleCache } from './sample-cache.js';

const port = parentPort;
if (port === null) throw new Error('loader-worker runs only as a worker thread');

let service: Service | undefined;
let last: Promise<void> = Promise.resolve();

port.on('message', (request: WorkerRequest) => {
  switch (request.kind) {
    case 'open':
      service = new Service(request.setup);
      return;
    case 'load':
      last = last.then(() => answer(request.id, request.index, request.epoch));
      return;
    case 'recycle':
      service?.pool.give(request.buffers);
      return;
    case 'close':
      service = undefined;
      void last.then(() => post({ closed: true }, []));
      return;
    case 'end':
      void last.then(() => port.close());
  }
});

/** Answers nothing where the loader was closed in the meantime. */
async function answer(id: number, index: number, epoch: number): Promise<void> {
  if (service === undefined) return;
  try {
    const { arrays, cached } = await service.prepare(index, epoch);
    post({ id, index, arrays, cached }, buffersOf(arrays));
  } catch (error) {
    post({ id, failure: toFailure(error) }, []);
  }
}

function post(reply: WorkerReply, transfer: readonly ArrayBuffer[]): void {
  port?.postMessage(reply, transfer);
}

/** The work for one loader. */
class Service {
  readonly pool = new BufferPool();
  readonly #setup: WorkerSetup;
  readonly #disk: SampleCache | undefined;
  // Filled until the budget is spent and then left alone: every sample is needed once per epoch, so evicting one for
  // another gains nothing.
  readonly #cache = new Map<number, Images>();
  #cachedBytes = 0;

  constructor(setup: WorkerSetup) {
    const { cacheFolder, spec } = setup;
    this.#setup = setup;
    this.#disk = cacheFolder === undefined ? undefined : new SampleCache(cacheFolder, spec);
  }

  /** A sample as the epoch has it, and whether its images are kept here. */
  async prepare(index: number, epoch: number): Promise<{ arrays: SampleArrays; cached: boolean }> {
    const { samples, spec, seed, cacheBytes } = this.#setup;
    const sample = samples[index];
    if (sample === undefined) throw new RangeError(`no sample ${index} among ${samples.length}`);
    let images = this.#cache.get(index);
    if (images === undefined) {
      const load = () => loadImages(sample, spec);
      images = await (this.#disk === undefined ? load() : this.#disk.images(sample, load));
      const bytes = imageBytes(images);
      if (this.#cachedBytes + bytes <= cacheBytes) {
        this.#cache.set(index, images);
        this.#cachedBytes += bytes;
      }
    }
    const random = sampleRandom(seed, epoch, index);
    const arrays = await augment(sample, images, spec, random, bytes => this.pool.take(bytes));
    return { arrays, cached: this.#cache.has(index) };
  }
}
