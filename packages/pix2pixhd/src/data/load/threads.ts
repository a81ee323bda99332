/**
 * The threads of loaders. Those of a closed loader serve the next one, since a start takes a quarter of a second of computing,
 * and a training has a loader for every stage. Depends on worker_threads and the protocol.
 */
import { Worker } from 'node:worker_threads';
import type { WorkerRequest } from './loader-protocol.js';

/** More are ended: an idle thread takes some 20 MB. */
const mostIdle = 4;

const idle: Worker[] = [];

/** A thread that waits for its {@link WorkerSetup}, and does not keep the process alive. */
export function takeThread(): Worker {
  const worker = idle.pop() ?? new Worker(new URL('./loader-worker.js', import.meta.url), { execArgv: [] });
  removeListeners(worker);
  worker.unref();
  return worker;
}

/** For the next loader. The thread has answered that it is closed. */
export async function giveBackThread(worker: Worker): Promise<void> {
  removeListeners(worker);
  if (idle.length >= mostIdle) return await end(worker);
  const forget = () => {
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
  };
  worker.on('error', forget).on('exit', forget).unref();
  idle.push(worker);
}

/** By name: Node itself listens for listeners, to know whether a thread's messages are to be read. */
function removeListeners(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}

/** Not terminate(): that could tear the thread down in the middle of a native decode. */
function end(worker: Worker): Promise<void> {
  const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()));
  worker.ref();
  worker.postMessage({ kind: 'end' } satisfies WorkerRequest);
  return ended;
}
