/**
 * The threads of generators. That of a generator that was disposed of serves the next one, since a start takes a third of a second of
 * computing. Depends on worker_threads and the protocol.
 */
import { Worker } from 'node:worker_threads';
import type { ToWorker } from './worker-protocol.js';

/** The one that waits for a generator; others are ended: each takes some 30 MB. */
let idle: Worker | undefined;

/** A thread that waits for what it is to load. */
export function takeThread(): Worker {
  const worker = idle ?? new Worker(new URL('./generator-worker.js', import.meta.url), { execArgv: [] });
  idle = undefined;
  removeListeners(worker);
  worker.ref();
  return worker;
}

/** For the next generator. The thread has none. */
export async function giveBackThread(worker: Worker): Promise<void> {
  removeListeners(worker);
  if (idle !== undefined) return await end(worker);
  idle = worker;
  const forget = () => {
    if (idle === worker) idle = undefined;
  };
  worker.on('error', forget).on('exit', forget).unref();
}

/** By name: Node itself listens for listeners, to know whether a thread's messages are to be read. */
function removeListeners(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}

function end(worker: Worker): Promise<void> {
  const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()));
  worker.ref();
  worker.postMessage({ kind: 'end' } satisfies ToWorker);
  return ended;
}
