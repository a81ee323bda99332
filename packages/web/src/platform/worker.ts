/**
 * The worker in which a page's generator is loaded and computes, so that the page stays responsive. Depends on the engine.
 */
import { importRuntime } from '#runtime';
import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/open-engine.js';
import type { FromWorker, ToWorker } from '../engine/worker-protocol.js';
import { toFailure } from '../errors.js';

/** What a worker's global scope has; its types and those of pages exclude each other. */
const scope = globalThis as unknown as {
  postMessage(message: FromWorker, transfer?: readonly ArrayBufferLike[]): void;
  onmessage: (event: { readonly data: ToWorker }) => void;
  readonly name: string;
};

let engine: Engine | undefined;
const running = new Map<number, AbortController>();

async function onMessage({ data: message }: { readonly data: ToWorker }): Promise<void> {
  if (message.kind === 'abort') {
    running.get(message.call)?.abort();
    return;
  }
  if (message.kind === 'load') {
    try {
      engine = await openEngine(message.plan, {
        onProgress: progress => scope.postMessage({ kind: 'progress', progress }),
        onNotice: notice => scope.postMessage({ kind: 'notice', notice }),
      });
      scope.postMessage({ kind: 'loaded', info: engine.info });
    } catch (error) {
      scope.postMessage({ kind: 'unloadable', failure: toFailure(error) });
    }
    return;
  }
  const { kind, call, scene } = message;
  const abort = new AbortController();
  running.set(call, abort);
  try {
    const value = await (kind === 'generate'
      ? engine!.generate(scene, abort.signal)
      : engine!.encodeStyles(scene, abort.signal));
    scope.postMessage({ kind: 'done', call, value }, 'data' in value ? [value.data.buffer] : []);
  } catch (error) {
    scope.postMessage({ kind: 'failed', call, failure: toFailure(error) });
  } finally {
    running.delete(call);
  }
}

// The threads of ONNX Runtime run the script that it is in. Where a bundler has put it into this one, this is such a thread, and
// what it imports does the rest. They are threads of WebAssembly: with WebGPU there is but one (find-runtime.ts).
if (scope.name.startsWith('em-pthread')) void importRuntime('wasm');
else scope.onmessage = onMessage;
