/**
 * A thread that prepares samples: decode, resize, crop, mirror, normalise. Started by loader.ts only. It takes requests
 * in order and needs nothing from the main thread in between, which is blocked for seconds at a time while it trains.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { toFailure } from '../../failure.js';
import { sampleRandom } from '../random.js';
import { BufferPool } from './buffer-pool.js';
import { buffersOf, type WorkerReply, type WorkerRequest, type WorkerSetup } from './loader-protocol.js';
import { augment, type Images, imageBytes, loadImages, type SampleArrays } from './sample.js';
import { SampleCache } from './sample-cache.js';

const port = parentPort;
if (port === null) throw new Error('loader-worker runs only as a worker thread');
const { samples, spec, seed, cacheBytes, cacheFolder } = workerData as WorkerSetup;
const disk = cacheFolder === undefined ? undefined : new SampleCache(cacheFolder, spec);

// Filled until the budget is spent and then left alone: every sample is needed once per epoch, so evicting one for
// another gains nothing.
const cache = new Map<number, Images>();
let cachedBytes = 0;
const pool = new BufferPool();
let closing = false;
let last: Promise<void> = Promise.resolve();

port.on('message', (request: WorkerRequest) => {
  if (request.kind === 'close') {
    closing = true;
    void last.then(() => port.close());
    return;
  }
  if (request.kind === 'recycle') {
    pool.give(request.buffers);
    return;
  }
  last = last.then(() => answer(request.id, request.index, request.epoch));
});

async function answer(id: number, index: number, epoch: number): Promise<void> {
  if (closing) return;
  try {
    const arrays = await prepare(index, epoch);
    post({ id, index, arrays, cached: cache.has(index) }, buffersOf(arrays));
  } catch (error) {
    post({ id, failure: toFailure(error) }, []);
  }
}

async function prepare(index: number, epoch: number): Promise<SampleArrays> {
  const sample = samples[index];
  if (sample === undefined) throw new RangeError(`no sample ${index} among ${samples.length}`);
  let images = cache.get(index);
  if (images === undefined) {
    const load = () => loadImages(sample, spec);
    images = await (disk === undefined ? load() : disk.images(sample, load));
    const bytes = imageBytes(images);
    if (cachedBytes + bytes <= cacheBytes) {
      cache.set(index, images);
      cachedBytes += bytes;
    }
  }
  return augment(sample, images, spec, sampleRandom(seed, epoch, index), bytes => pool.take(bytes));
}

function post(reply: WorkerReply, transfer: readonly ArrayBuffer[]): void {
  port?.postMessage(reply, transfer);
}
