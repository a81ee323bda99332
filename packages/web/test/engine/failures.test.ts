/**
 * What devices and workers do that tests cannot make them do: memory that runs out, WebGPU that cannot compute a model, a worker that
 * does not start. The runtime and the worker are played.
 */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { type LoadOptions, loadGenerator, type Runtime } from '../../src/index.js';
import { refused } from '../support/refused.js';
import { tinyGenerator } from '../support/tiny-models.js';

const map = { width: 2, height: 1, data: Uint8Array.of(1, 4) };
const scene = { label: map, instances: map };

/** A runtime whose runs do what they are told. */
function played(run: () => unknown, create: (providers: readonly string[]) => void = () => {}): Runtime {
  class Tensor {}
  const session = { inputNames: ['label', 'instance', 'style'], outputNames: ['result'], release: async () => {}, run };
  const InferenceSession = {
    create: async (_: unknown, { executionProviders }: { readonly executionProviders: readonly string[] }) => {
      create(executionProviders);
      return session;
    },
  };
  return { Tensor, InferenceSession, env: { versions: { web: '1' }, wasm: {} } } as unknown as Runtime;
}

const image = { result: { data: new Uint8Array(6), dims: [1, 1, 2, 3] } };
const thrown = (error: unknown) =>
  played(async () => {
    throw error;
  });

test('memory that runs out is told from other failures, however the runtime says it', async () => {
  for (const error of [
    new Error("Can't create a session. std::bad_alloc"),
    new RangeError('Array buffer allocation failed'),
    new Error('memory access out of bounds'),
    8_735_912,
  ]) {
    const generator = await loadGenerator(tinyGenerator(), { runtime: thrown(error) });
    await refused(generator.generate(scene), 'OUT_OF_MEMORY', /2×1 pixels/, /smaller images/);
  }
  const generator = await loadGenerator(tinyGenerator(), { runtime: thrown(new Error('no kernel for Pad')) });
  await refused(generator.generate(scene), 'COMPUTATION_FAILED', /no kernel for Pad/);
});

test('what is aborted before its turn is not computed', async () => {
  let [runs, release] = [0, () => {}];
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  const runtime = played(async () => {
    runs++;
    await held;
    return image;
  });
  const generator = await loadGenerator(tinyGenerator(), { runtime });
  const stop = new AbortController();
  const first = generator.generate(scene);
  const second = generator.generate({ ...scene, signal: stop.signal });
  await new Promise(resolve => setTimeout(resolve, 5));
  stop.abort();
  await assert.rejects(second, { name: 'AbortError' });
  release();
  await first;
  await generator.dispose();
  assert.equal(runs, 1);
});

const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
afterEach(() => {
  if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator');
  else Object.defineProperty(globalThis, 'navigator', before);
});
const withAdapter = (adapter: object | null) =>
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu: { requestAdapter: async () => adapter }, hardwareConcurrency: 8 },
    configurable: true,
  });

test('WebGPU where there is an adapter; where it cannot compute the model, WebAssembly, with a notice', async () => {
  const noGpu = (providers: readonly string[]) => {
    if (providers[0] === 'webgpu') throw new Error('no such shader');
  };
  const device = async (options: LoadOptions, create?: typeof noGpu) =>
    (await loadGenerator(tinyGenerator(), { runtime: played(async () => image, create), ...options })).info.device;
  withAdapter({});
  assert.equal(await device({}), 'webgpu');
  assert.equal(await device({ device: 'wasm' }), 'wasm');
  const notices: string[] = [];
  assert.equal(await device({ onNotice: notice => notices.push(notice) }, noGpu), 'wasm');
  assert.match(notices.join(), /no such shader/);
  await refused(device({ device: 'webgpu' }, noGpu), 'COMPUTATION_FAILED', /no such shader/);
  withAdapter(null);
  assert.equal(await device({}), 'wasm');
  await refused(device({ device: 'webgpu' }), 'DEVICE_UNAVAILABLE');
});

/** A worker that answers what it is sent, or nothing. */
function playedWorker(
  answer: (message: { readonly kind: string }, say: (type: string, event: object) => void) => void,
) {
  const listeners: (readonly [string, (event: object) => void])[] = [];
  const say = (type: string, event: object) => {
    for (const [of, listener] of listeners) if (of === type) listener(event);
  };
  const worker = {
    isEnded: false,
    postMessage: (message: { readonly kind: string }) => queueMicrotask(() => answer(message, say)),
    addEventListener: (type: string, listener: (event: object) => void) => void listeners.push([type, listener]),
    terminate() {
      worker.isEnded = true;
    },
  };
  return worker;
}

test('a worker that does not start, and loading that is aborted, end the worker', async () => {
  const broken = playedWorker((_, say) => say('error', { message: 'blocked by CSP' }));
  await refused(loadGenerator(tinyGenerator(), { worker: broken as never }), 'THREAD_ENDED', /blocked by CSP/, /false/);
  const silent = playedWorker(() => {});
  const reason = new Error('enough');
  const stop = new AbortController();
  const loading = loadGenerator(tinyGenerator(), { worker: silent as never, signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(loading, error => error === reason);
  assert.deepEqual([broken.isEnded, silent.isEnded], [true, true]);
  const both = loadGenerator(tinyGenerator(), { worker: silent as never, runtime: played(async () => image) });
  await refused(both, 'OPTION_CONFLICT');
});
