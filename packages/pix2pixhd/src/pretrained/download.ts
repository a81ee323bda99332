/**
 * Downloads a file: streams it to a temporary file, checks its SHA-256, and renames it only when it is complete. Depends on
 * Node only.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What to download, and where to put it. */
export interface Download {
  readonly url: string;
  /** The file; its folder is created if missing. */
  readonly destination: string;
  /** The first digits of the file's SHA-256, in lower-case hex. */
  readonly sha256: string;
  /** Called after every chunk: bytes so far, and in total if the server says. */
  readonly onProgress: (received: number, total: number | null) => void;
  /** Aborts the download. */
  readonly signal: AbortSignal | undefined;
}

/** Why the download failed. */
export class DownloadError extends Error {
  override readonly name: string = 'DownloadError';
}

const partEnding = '.part';
/** A partial file not written to for this long was left by a killed process. */
const abandonedAfterMs = 3_600_000;

/**
 * Downloads a file. If anything goes wrong, `destination` is as it was and no partial file is left beside it.
 * @throws DownloadError if offline, refused, interrupted or with the wrong hash, or if the file cannot be written.
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
      throw new DownloadError(`SHA-256 ${found.slice(0, 16)}…, expected ${sha256}…: a different file, or damaged`);
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
    throw new DownloadError(`the server answered ${`${response.status} ${response.statusText}`.trim()}`);
  }
  return { chunks: response.body, total: Number(response.headers.get('content-length')) || null };
}

/** Writes the body to a new file and to the disk. @returns its SHA-256 in hex. */
async function receive({ chunks, total }: Body, file: string, onProgress: Download['onProgress']): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  const handle = await writing(file, () => open(file, 'wx'));
  try {
    for await (const chunk of arriving(chunks, () => `the download stopped after ${received} bytes`)) {
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

/** The chunks; the connection's errors become DownloadErrors. */
async function* arriving(chunks: AsyncIterable<Uint8Array>, problem: () => string): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    throw new DownloadError(`${problem()} (${reasonOf(cause)})`, { cause });
  }
}

/** Runs a file system call; its errors become DownloadErrors. */
async function writing<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw new DownloadError(`${path} cannot be written (${reasonOf(cause)})`, { cause });
  }
}

/** The shortest reason for a user: `fetch` hides it in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'interrupted';
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && typeof code === 'string') return code;
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
