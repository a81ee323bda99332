/**
 * The thread of a generator that was loaded with `worker: true`. Started by worker-threads.ts only, for one generator after the
 * other. What it sets is its own: the number of threads and the treatment of denormals, not the pages and the seed of the process.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { chooseCompute } from '../compute/choose-compute.js';
import { configureThread } from '../compute/configure-process.js';
import { toFailure } from '../failure.js';
import { openGenerator } from '../interop/open-generator.js';
import { LocalEngine } from './local-engine.js';
import type { PlainRequest } from './request.js';
import { type FromWorker, type ToWorker, type WorkerSetup, withBuffers } from './worker-protocol.js';

const port = parentPort;
if (port === null) throw new Error('generator-worker runs only as a worker thread');

function post(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  port!.postMessage(message, transfer);
}

function load({ file, device, precision, threads, direction }: WorkerSetup): LocalEngine | undefined {
  try {
    configureThread(threads);
    const opened = openGenerator(file, chooseCompute({ device, precision }), direction);
    const engine = new LocalEngine(opened, notice => post({ kind: 'notice', notice }));
    post({ kind: 'ready', info: engine.info });
    return engine;
  } catch (error) {
    post({ kind: 'unready', failure: toFailure(error) });
    return undefined;
  }
}

const aborts = new Map<number, AbortController>();

async function generate(engine: LocalEngine, id: number, requests: readonly PlainRequest[]): Promise<void> {
  const abort = new AbortController();
  aborts.set(id, abort);
  try {
    const images = await engine.generate(requests.map(withBuffers), abort.signal);
    // Images of one batch share their memory, which can be transferred only once.
    const own = images.map(image => ({ ...image, data: image.data.slice() }));
    post(
      { kind: 'images', id, images: own },
      own.map(({ data }) => data.buffer as ArrayBuffer),
    );
  } catch (error) {
    post({ kind: 'failed', id, failure: toFailure(error) });
  } finally {
    aborts.delete(id);
  }
}

async function encode(engine: LocalEngine, id: number, request: PlainRequest): Promise<void> {
  try {
    post({ kind: 'styles', id, styles: await engine.encodeStyles(withBuffers(request)) });
  } catch (error) {
    post({ kind: 'failed', id, failure: toFailure(error) });
  }
}

async function close(engine: LocalEngine | undefined): Promise<void> {
  await engine?.dispose();
  // What was asked for before is answered first.
  await nextTurn();
  post({ kind: 'closed' });
}

let engine: LocalEngine | undefined;

port.on('message', (message: ToWorker) => {
  if (message.kind === 'open') engine = load(message.setup);
  else if (message.kind === 'generate') void generate(engine!, message.id, message.requests);
  else if (message.kind === 'encode') void encode(engine!, message.id, message.request);
  else if (message.kind === 'cancel') aborts.get(message.id)?.abort();
  else if (message.kind === 'end') port.close();
  else {
    void close(engine);
    engine = undefined;
  }
});
