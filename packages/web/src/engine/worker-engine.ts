/** WorkerEngine: a generator in a worker of a page. Depends on the protocol and errors.ts. */
import { fromFailure, UserError } from '../errors.js';
import type { Engine, EngineInfo, ObjectStyles, Result, Scene } from './engine.js';
import type { LoadHooks, LoadPlan } from './open-engine.js';
import type { FromWorker, ToWorker } from './worker-protocol.js';

/** The part of a `Worker` that is used. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  // biome-ignore lint/suspicious/noExplicitAny: what a page's Worker gives its listeners
  addEventListener(type: string, listener: (event: any) => void): void;
  terminate(): void;
}

/**
 * Loads a generator in a worker that runs worker.ts.
 * @throws UserError where it cannot be loaded, or the worker does not start; the signal's reason.
 */
export async function openInWorker(worker: WorkerLike, plan: LoadPlan, hooks: LoadHooks): Promise<Engine> {
  const { signal } = hooks;
  let onAbort: () => void = () => {};
  try {
    const info = await new Promise<EngineInfo>((resolve, reject) => {
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      worker.addEventListener('message', ({ data }: { readonly data: FromWorker }) => {
        if (data.kind === 'progress') hooks.onProgress?.(data.progress);
        else if (data.kind === 'notice') hooks.onNotice?.(data.notice);
        else if (data.kind === 'loaded') resolve(data.info);
        else if (data.kind === 'unloadable') reject(fromFailure(data.failure));
      });
      worker.addEventListener('error', ({ message }: { readonly message?: string }) => reject(ended(message)));
      worker.postMessage({ kind: 'load', plan } satisfies ToWorker);
    });
    return new WorkerEngine(worker, info);
  } catch (error) {
    worker.terminate();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

class WorkerEngine implements Engine {
  readonly info: EngineInfo;
  readonly #worker: WorkerLike;
  readonly #calls = new Map<number, { resolve(value: never): void; reject(error: unknown): void }>();
  #count = 0;
  #failure: UserError | undefined;

  constructor(worker: WorkerLike, info: EngineInfo) {
    this.info = info;
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: { readonly data: FromWorker }) => {
      if (data.kind !== 'done' && data.kind !== 'failed') return;
      const call = this.#calls.get(data.call);
      this.#calls.delete(data.call);
      if (data.kind === 'done') call?.resolve(data.value as never);
      else call?.reject(fromFailure(data.failure));
    });
    worker.addEventListener('error', ({ message }: { readonly message?: string }) => {
      this.#failure = ended(message);
      for (const call of this.#calls.values()) call.reject(this.#failure);
      this.#calls.clear();
    });
  }

  generate(scene: Scene, signal?: AbortSignal): Promise<Result> {
    return this.#call('generate', scene, signal);
  }

  encodeStyles(scene: Scene, signal?: AbortSignal): Promise<ObjectStyles> {
    return this.#call('encodeStyles', scene, signal);
  }

  async dispose(): Promise<void> {
    this.#worker.terminate();
  }

  async #call<T>(kind: 'generate' | 'encodeStyles', scene: Scene, signal: AbortSignal | undefined): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure;
    const call = this.#count++;
    const onAbort = () => this.#worker.postMessage({ kind: 'abort', call } satisfies ToWorker);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#calls.set(call, { resolve, reject });
        this.#worker.postMessage({ kind, call, scene } satisfies ToWorker);
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

function ended(message: string | undefined): UserError {
  return new UserError({
    code: 'THREAD_ENDED',
    doing: 'computing in a worker',
    found: message || 'a worker that does not start, or has ended',
    expected: 'a page that may start module workers of its own origin',
    remedy: "look at the browser's console; with worker: false it computes in the page's own thread",
  });
}
