/**
 * The page without a server: it renders in a worker of its own, works offline after the first visit, and opens other models that
 * are dropped on it.
 */
import { overWorker } from '../engine/connection.js';
import { RemoteEngine } from '../engine/remote-engine.js';
import { start } from '../page/start.js';
import { choose, chosen, isModel, leave } from './chosen-model.js';
import { siteFile } from './site-file.js';
import type { ToOpen } from './worker.js';

function startWorker(what: ToOpen): Worker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker.postMessage(what);
  return worker;
}

const own = await chosen().catch(() => undefined);
const what: ToOpen = own ?? { site: new URL(siteFile, document.baseURI).href };
start(
  events =>
    new RemoteEngine(
      overWorker(() => startWorker(what)),
      undefined,
      events,
    ),
  {
    isModel,
    open: choose,
    leave: own === undefined ? null : leave,
  },
);

if ('serviceWorker' in navigator)
  navigator.serviceWorker.register(new URL('sw.js', document.baseURI)).catch(console.warn);
