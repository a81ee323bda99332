/**
 * Keeps all files of the site, so that it works offline after the first visit, and serves them isolated, so that ONNX Runtime may use
 * threads. The exporter writes `SITE` before this script: another export is another script, which browsers look for at each visit. It
 * fetches all files of the new site, checks them, and takes over when the last page of the earlier one is closed.
 */

/** What this site is. */
interface Files {
  /** Another one for every export. */
  readonly version: string;
  /** Paths from here with their SHA-256, without this script. */
  readonly files: Readonly<Record<string, string>>;
}

declare const SITE: Files;

/** An event whose work must be done before it is over. */
interface LongEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

/** What a service worker has, which a page has not. */
interface ServiceWorkerScope {
  readonly registration: { readonly scope: string };
  readonly location: { readonly href: string };
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: LongEvent) => void): void;
  addEventListener(
    type: 'fetch',
    listener: (event: Event & { readonly request: Request; respondWith(response: Promise<Response>): void }) => void,
  ): void;
}

const worker = self as unknown as ServiceWorkerScope;

const prefix = `pix2pixhd-site ${worker.registration.scope} `;
const here = new URL('./', worker.location.href).href;
/** The address of each file; the page's own is that of the folder. */
const addressOf = (file: string) => (file === 'index.html' ? here : new URL(file, here).href);
const addresses = new Set(Object.keys(SITE.files).map(addressOf));

/** A page with these may share memory between threads; its files must then be its own. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

/** A file that is not what this site has, as while another one is being put there, fails it: the next visit tries again. */
async function install(): Promise<void> {
  const cache = await caches.open(prefix + SITE.version);
  // One after the other, and none twice: a phone on a slow line may be sent away in between.
  for (const [file, sha256] of Object.entries(SITE.files)) {
    const address = addressOf(file);
    if ((await cache.match(address)) !== undefined) continue;
    const response = await fetch(address, { cache: 'no-cache' });
    if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
    const found = await digestOf(await response.clone().arrayBuffer());
    if (found !== sha256) throw new Error(`${address}: SHA-256 ${found}, expected ${sha256}`);
    await cache.put(address, response);
  }
}

async function digestOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

/** Forgets earlier exports: no page of them is open any more. */
async function activate(): Promise<void> {
  for (const name of await caches.keys())
    if (name.startsWith(prefix) && name !== prefix + SITE.version) await caches.delete(name);
  await worker.clients.claim();
}

async function answer(address: string, request: Request): Promise<Response> {
  const cache = await caches.open(prefix + SITE.version);
  const response = (await cache.match(address)) ?? (await fetch(request));
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(isolation)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

worker.addEventListener('install', event => event.waitUntil(install()));
worker.addEventListener('activate', event => event.waitUntil(activate()));
worker.addEventListener('fetch', event => {
  const { request } = event;
  const address = new URL(request.url);
  address.hash = '';
  address.search = '';
  const asked = address.href === `${here}index.html` ? here : address.href;
  // Other pages of the host are none of this site's business.
  if (request.method === 'GET' && addresses.has(asked)) event.respondWith(answer(asked, request));
});
