/**
 * Reads an address with `fetch`, telling how far it is. Depends on errors.ts.
 */
import { reasonOf, UserError } from '../errors.js';

/** How an address is read. */
export interface ReadOptions {
  /** For errors: `loading the model`. */
  readonly doing: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that have come, and of how many where that is known. */
  readonly onProgress?: ((loaded: number, total: number | undefined) => void) | undefined;
}

/** What an address holds. */
export interface Fetched {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers: Headers;
}

/**
 * @param cache `no-cache`: the server is asked whether what the browser has is still what it has.
 * @throws UserError where there is nothing, or the network fails; the signal's reason.
 */
export async function readAddress(
  address: string,
  { doing, signal, onProgress }: ReadOptions,
  cache: 'default' | 'no-cache' = 'default',
): Promise<Fetched> {
  try {
    const response = await fetch(address, { cache, ...(signal && { signal }) });
    if (!response.ok) throw refused(response.status, response.statusText, address, doing);
    return { bytes: await bodyOf(response, onProgress), headers: response.headers };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    signal?.throwIfAborted();
    throw new UserError(
      {
        code: 'DOWNLOAD_FAILED',
        doing,
        where: address,
        found: reasonOf(cause),
        expected: 'a file that this page or program may read',
        remedy: 'check the connection; from another origin, its server must send Access-Control-Allow-Origin',
      },
      { cause },
    );
  }
}

async function bodyOf(response: Response, onProgress: ReadOptions['onProgress']): Promise<Uint8Array<ArrayBuffer>> {
  // The length is that of the compressed body where there is one.
  const length = response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length') ?? 0);
  const total = length > 0 ? length : undefined;
  if (response.body === null || onProgress === undefined) return new Uint8Array(await response.arrayBuffer());
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  let loaded = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    loaded += part.value.length;
    onProgress(loaded, total);
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function refused(status: number, text: string, address: string, doing: string): UserError {
  const isGone = status === 404 || status === 410;
  return new UserError({
    code: isGone ? 'FILE_NOT_FOUND' : 'DOWNLOAD_FAILED',
    doing,
    where: address,
    found: `HTTP ${status} ${text}`.trim(),
    expected: 'the file',
    remedy: isGone ? 'check the address, and that the file is on the server' : 'try again later, or look at the server',
  });
}
