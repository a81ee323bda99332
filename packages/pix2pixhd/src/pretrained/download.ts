/**
 * A file from the network: streamed beside its place, its SHA-256 checked on the way, put in place only when it is whole.
 * Depends on Node only.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What is fetched, and where it goes. */
export interface Download {
  readonly url: string;
  /** The file; its folder is made where there is none. */
  readonly destination: string;
  /** How the SHA-256 of the whole begins, in lower-case hex. */
  readonly sha256: string;
  /** Told after every piece: bytes so far, and of the whole where the server says. */
  readonly onProgress: (received: number, total: number | null) => void;
  /** Breaks off. */
  readonly signal: AbortSignal | undefined;
}

/** Why nothing was put in place. */
export class DownloadError extends Error {
  override readonly name: string = 'DownloadError';
}

const partEnding = '.part';
/** A part that nobody wrote to for so long is what a killed process left. */
const abandonedAfterMs = 3_600_000;

/**
 * Fetches a file. Whatever goes wrong, `destination` is as it was and no part of the file is left beside it.
 * @throws DownloadError offline, refused, broken off, of another hash, or where it cannot be written.
 */
export async function download({ url, destination, sha256, onProgress, signal }: Download): Promise<void> {
  const folder = dirname(destination);
  // Its own name: another process may be fetching the same file.
  const part = join(folder, `${basename(destination)}.${process.pid}-${randomBytes(4).toString('hex')}${partEnding}`);
  try {
    await writing(folder, async () => {
      await mkdir(folder, { recursive: true });
      await removeAbandoned(folder, basename(destination));
    });
    const body = await request(url, signal);
    const found = await receive(body, part, onProgress);
    if (!found.startsWith(sha256))
      throw new DownloadError(
        `SHA-256 ${found.slice(0, 16)}…, where it begins with ${sha256}: not this file, or damaged`,
      );
    await writing(destination, () => rename(part, destination));
  } finally {
    await rm(part, { force: true }).catch(() => {});
  }
}

async function removeAbandoned(folder: string, name: string): Promise<void> {
  const parts = (await readdir(folder)).filter(file => file.startsWith(`${name}.`) && file.endsWith(partEnding));
  for (const path of parts.map(file => join(folder, file))) {
    const modified = await stat(path).catch(() => null);
    if (modified !== null && Date.now() - modified.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
  }
}

interface Body {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly total: number | null;
}

async function request(url: string, signal: AbortSignal | undefined): Promise<Body> {
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
    throw new DownloadError(signal?.aborted ? 'interrupted' : `no connection (${reasonOf(cause)})`, { cause });
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new DownloadError(`the server answers ${`${response.status} ${response.statusText}`.trim()}`);
  }
  return { chunks: response.body, total: Number(response.headers.get('content-length')) || null };
}

/** Writes the body to a new file and to the disk. @returns its SHA-256 in hex. */
async function receive({ chunks, total }: Body, file: string, onProgress: Download['onProgress']): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  const handle = await writing(file, () => open(file, 'wx'));
  try {
    for await (const chunk of arriving(chunks, () => `it broke off after ${received} bytes`)) {
      hash.update(chunk);
      await writing(file, () => handle.writeFile(chunk));
      received += chunk.byteLength;
      onProgress(received, total);
    }
    await writing(file, () => handle.sync());
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/** The chunks; what the connection throws becomes a DownloadError. */
async function* arriving(chunks: AsyncIterable<Uint8Array>, problem: () => string): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    throw new DownloadError(`${problem()} (${reasonOf(cause)})`, { cause });
  }
}

/** Runs a step on the file system; what it throws becomes a DownloadError. */
async function writing<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw new DownloadError(`${path} cannot be written (${reasonOf(cause)})`, { cause });
  }
}

/** The shortest thing that tells a user why: `fetch` hides it one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'interrupted';
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && typeof code === 'string') return code;
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
