/** A thread that measures. Started by figure-pool.ts only. */
import { parentPort, workerData } from 'node:worker_threads';
import { toFailure } from '../failure.js';
import type { Reading } from './compared-image.js';
import type { FigureReply, FigureRequest } from './figure-pool.js';
import { measureFigures } from './figure-work.js';

const port = parentPort;
if (port === null) throw new Error('figure-worker runs only as a worker thread');
const reading = workerData as Reading;

port.on('message', async ({ id, work }: FigureRequest) => {
  let reply: FigureReply;
  try {
    reply = { id, figures: await measureFigures(work, reading) };
  } catch (error) {
    reply = { id, failure: toFailure(error) };
  }
  port.postMessage(reply);
});
