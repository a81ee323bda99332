/**
 * Models that were downloaded, in the browser's Cache API: by address, with the digest of what was stored. Depends on address.ts and
 * digest.ts.
 */
import { type Fetched, type ReadOptions, readAddress } from './address.js';
import { sha256 } from './digest.js';

/** The cache's name in `caches`. */
export const CACHE = 'pix2pixhd-models';

/** The header that the digest of an entry is kept in. */
const DIGEST = 'x-sha-256';
/** What tells whether the file on the server is still the one that was stored. */
const IDENTITY = ['etag', 'last-modified', 'content-length'] as const;
/** Those of them that change with every change: a model that was trained on is as long as before. */
const SURE: readonly string[] = ['etag', 'last-modified'];

/**
 * Reads a model, from the cache where it is there, whole, and still what the server has, or what the caller wants.
 *
 * @param digest what the caller wants: an entry with this digest needs no question to the server.
 */
export async function readCached(
  address: string,
  digest: string | undefined,
  options: ReadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const cache = await openCache();
  if (cache === undefined) return (await readAddress(address, options)).bytes;
  const stored = await cache.match(address).catch(() => undefined);
  if (stored !== undefined) {
    const isWanted = digest === undefined ? await isCurrent(address, stored.headers, options.signal) : true;
    const bytes = isWanted ? new Uint8Array(await stored.arrayBuffer()) : undefined;
    if (bytes !== undefined && (await sha256(bytes)) === (digest ?? stored.headers.get(DIGEST))) {
      options.onProgress?.(bytes.length, bytes.length);
      return bytes;
    }
    await cache.delete(address);
  }
  // What was stored was not what is wanted; neither may be what the browser has of it.
  const fetched = await readAddress(
    address,
    options,
    stored !== undefined || digest !== undefined ? 'no-cache' : 'default',
  );
  await store(cache, address, fetched, digest);
  return fetched.bytes;
}

/** Undefined where there is none: in Node, and on pages of plain http. */
async function openCache(): Promise<Cache | undefined> {
  if (typeof caches === 'undefined' || globalThis.crypto?.subtle === undefined) return undefined;
  return caches.open(CACHE).catch(() => undefined);
}

/** What cannot be stored, for want of space, is downloaded again the next time. */
async function store(cache: Cache, address: string, { bytes, headers }: Fetched, wanted?: string): Promise<void> {
  const digest = await sha256(bytes);
  if (digest === undefined || (wanted !== undefined && digest !== wanted)) return;
  const kept = IDENTITY.flatMap(name => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const response = new Response(bytes, {
    headers: [...kept.map(([name, value]): [string, string] => [name, value]), [DIGEST, digest]],
  });
  await cache.put(address, response).catch(() => {});
}

/** Whether the server has the same file still, by what it says of it. Without an answer, what is stored is used. */
async function isCurrent(address: string, stored: Headers, signal?: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(address, { method: 'HEAD', cache: 'no-cache', ...(signal && { signal }) });
    if (!response.ok) return response.status !== 404 && response.status !== 410;
    const said = IDENTITY.map(name => ({ name, now: response.headers.get(name), before: stored.get(name) })).filter(
      ({ now, before }) => now !== null && before !== null,
    );
    return said.every(({ now, before }) => now === before) && said.some(({ name }) => SURE.includes(name));
  } catch {
    signal?.throwIfAborted();
    return true;
  }
}
