/**
 * WorkerEngine: a generator in a thread of its own. Depends on the protocol, and on torch for the threads of this one.
 */
import type { Worker } from 'node:worker_threads';
import { getThreads } from '@pix2pixhd/torch';
import { UserError } from '../errors.js';
import { fromFailure } from '../failure.js';
import type { SynthesizedImage } from '../raster.js';
import type { Engine, GeneratorInfo, ObjectStyles } from './engine.js';
import type { PlainRequest } from './request.js';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-protocol.js';
import { giveBackThread, takeThread } from './worker-threads.js';

/** What a request is answered with. */
type Answer = Extract<FromWorker, { kind: 'images' | 'styles' }>;

/** A request that the thread has not answered. */
interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Loads a generator in a thread.
 * @throws UserError where the thread cannot load it, or ends.
 */
export async function startWorker(setup: WorkerSetup, onNotice?: (notice: string) => void): Promise<Engine> {
  // libtorch gives a thread that has not asked yet the number that another has set: this one keeps its own.
  getThreads();
  const worker = takeThread();
  const info = loaded(worker, setup.file);
  worker.postMessage({ kind: 'open', setup } satisfies ToWorker);
  return new WorkerEngine(worker, await info, onNotice);
}

/** What the thread has loaded, or why it could not. */
function loaded(worker: Worker, file: string): Promise<GeneratorInfo> {
  return new Promise<GeneratorInfo>((resolve, reject) => {
    const onMessage = (message: FromWorker) => {
      if (message.kind === 'ready') settle(() => resolve(message.info));
      else if (message.kind === 'unready')
        settle(() => {
          void giveBackThread(worker);
          reject(fromFailure(message.failure));
        });
    };
    const onError = (error: Error) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(threadEnded(file, code)));
    // One by one: Node has listeners of its own, without which a thread's messages do not arrive.
    const settle = (then: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      then();
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

/** The thread of an engine that was disposed of serves another one: no answer may be taken for its. */
let nextId = 0;

/** Sends requests to a thread that has loaded its generator. */
class WorkerEngine implements Engine {
  readonly info: GeneratorInfo;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #broken: Error | undefined;
  #disposed = false;

  constructor(worker: Worker, info: GeneratorInfo, onNotice: (notice: string) => void = () => {}) {
    this.info = info;
    this.#worker = worker;
    this.#ended = new Promise(resolve => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'notice') onNotice(message.notice);
        else if (message.kind === 'images' || message.kind === 'styles') this.#settle(message.id)?.resolve(message);
        else if (message.kind === 'failed') this.#settle(message.id)?.reject(fromFailure(message.failure));
        else if (message.kind === 'closed') resolve(giveBackThread(worker));
      });
      worker.on('error', error => this.#break(error instanceof Error ? error : new Error(String(error))));
      worker.once('exit', code => {
        this.#break(threadEnded(info.file, code));
        resolve();
      });
    });
    // A generator that has nothing to do does not keep the program from ending.
    worker.unref();
  }

  async generate(requests: readonly PlainRequest[], signal?: AbortSignal): Promise<SynthesizedImage[]> {
    const id = nextId++;
    const cancel = () => this.#send({ kind: 'cancel', id });
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const answer = await this.#ask({ kind: 'generate', id, requests });
      return [...(answer as Extract<Answer, { kind: 'images' }>).images];
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async encodeStyles(request: PlainRequest): Promise<ObjectStyles> {
    const answer = await this.#ask({ kind: 'encode', id: nextId++, request });
    return (answer as Extract<Answer, { kind: 'styles' }>).styles;
  }

  #ask(message: Extract<ToWorker, { kind: 'generate' | 'encode' }>): Promise<Answer> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.id, { resolve, reject });
      this.#worker.ref();
      this.#send(message);
    });
  }

  async dispose(): Promise<void> {
    if (!this.#disposed) {
      this.#disposed = true;
      this.#worker.ref();
      this.#send({ kind: 'close' });
    }
    await this.#ended;
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0 && !this.#disposed) this.#worker.unref();
    return waiting;
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(error);
  }
}

function threadEnded(file: string, code: number): UserError {
  return new UserError({
    code: 'THREAD_ENDED',
    doing: 'generating an image in a thread',
    where: file,
    found: `the thread has ended with exit code ${code}`,
    expected: 'a thread that runs until the generator is disposed of',
    remedy: 'load the generator again; if it happens again, it may lack memory: generate smaller images',
  });
}
