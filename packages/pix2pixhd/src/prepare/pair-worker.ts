/** A thread that makes pairs. Started by pair-pool.ts only. */
import { parentPort, workerData } from 'node:worker_threads';
import { toFailure } from '../failure.js';
import { DoesNotTell } from './does-not-tell.js';
import type { PairReply, PairRequest, PairWorkerSetup } from './pair-pool.js';
import { stepOf } from './steps.js';
import { CannotWrite, writePair } from './write-pair.js';

const port = parentPort;
if (port === null) throw new Error('pair-worker runs only as a worker thread');
const { steps: specs, destination } = workerData as PairWorkerSetup;
const steps = specs.map(stepOf);

port.on('message', async ({ id, pair }: PairRequest) => {
  let reply: PairReply;
  try {
    reply = { id, files: await writePair(pair, steps, destination) };
  } catch (error) {
    const of = error instanceof CannotWrite ? 'writing' : error instanceof DoesNotTell ? 'not-telling' : 'other';
    reply = { id, failure: toFailure(error), of };
  }
  port.postMessage(reply);
});
