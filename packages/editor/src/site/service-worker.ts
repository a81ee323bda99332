/**
 * Keeps all files of the site, so that it works offline after the first visit, and serves them isolated, so that ONNX Runtime may use
 * threads: `files.json` lists them. A new export is another `sw.js`, which fetches what has changed.
 */

/** An event whose work must be done before it is over. */
interface LongEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

/** What a service worker has, which a page has not. */
interface ServiceWorkerScope {
  readonly registration: { readonly scope: string };
  readonly location: { readonly href: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LongEvent) => void): void;
  addEventListener(
    type: 'fetch',
    listener: (event: Event & { readonly request: Request; respondWith(response: Promise<Response>): void }) => void,
  ): void;
}

const worker = self as unknown as ServiceWorkerScope;

interface Files {
  /** Another one for every export. */
  readonly version: string;
  /** Paths from here, without this file. */
  readonly files: readonly string[];
}

const prefix = `pix2pixhd-site ${worker.registration.scope} `;
/** Under which the page itself is kept. */
const page = new URL('./', worker.location.href).href;

/** A page with these may share memory between threads; its files must then be its own. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

async function install(): Promise<void> {
  const response = await fetch('files.json', { cache: 'no-cache' });
  const { version, files } = (await response.json()) as Files;
  const cache = await caches.open(prefix + version);
  // One after the other, and none twice: a phone on a slow line may be sent away in between.
  for (const file of files) {
    const address = file === 'index.html' ? page : new URL(file, page).href;
    if ((await cache.match(address)) !== undefined) continue;
    const kept = await fetch(address, { cache: 'no-cache' });
    if (!kept.ok) throw new Error(`${address}: ${kept.status} ${kept.statusText}`);
    await cache.put(address, kept);
  }
  await worker.skipWaiting();
}

/** Forgets earlier exports. */
async function activate(): Promise<void> {
  const { version } = (await (await fetch('files.json')).json()) as Files;
  for (const name of await caches.keys())
    if (name.startsWith(prefix) && name !== prefix + version) await caches.delete(name);
  await worker.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const address = new URL(request.url);
  address.hash = '';
  address.search = '';
  if (address.href === new URL('index.html', page).href) address.href = page;
  const response = (await caches.match(address.href)) ?? (await fetch(request));
  // Of another origin, or not there: as it is.
  if (response.type === 'opaque' || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(isolation)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

worker.addEventListener('install', event => event.waitUntil(install()));
worker.addEventListener('activate', event => event.waitUntil(activate()));
worker.addEventListener('fetch', event => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(page)) return;
  event.respondWith(answer(request));
});
