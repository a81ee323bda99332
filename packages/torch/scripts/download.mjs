/**
 * A file from the network: streamed beside its place, its SHA-256 checked on the way, put in place only when it is complete.
 * Exported as `@pix2pixhd/torch/download`; runs before anything is compiled, so it is plain JavaScript, its types beside it.
 * Depends on Node only.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Why nothing was put in place. */
export class DownloadError extends Error {
  name = 'DownloadError';

  constructor(kind, message, options) {
    super(message, options);
    this.kind = kind;
  }
}

const partEnding = '.part';
/** A part that was not written to for so long is what a killed process left. */
const abandonedAfterMs = 3_600_000;

export async function download({ url, destination, sha256 = '', onProgress = () => {}, signal }) {
  const folder = dirname(destination);
  // Its own name: another process may be downloading the same file.
  const part = join(folder, `${basename(destination)}.${process.pid}-${randomBytes(4).toString('hex')}${partEnding}`);
  try {
    await writing(folder, async () => {
      await mkdir(folder, { recursive: true });
      await removeAbandoned(folder, basename(destination));
    });
    const received = await receive(await request(url, signal), part, onProgress);
    if (!received.sha256.startsWith(sha256.toLowerCase()))
      throw new DownloadError(
        'wrong-hash',
        `its SHA-256 is ${received.sha256}, expected ${sha256}${sha256.length < 64 ? '…' : ''}: another file, or damaged`,
      );
    await writing(destination, () => rename(part, destination));
    return received;
  } finally {
    await rm(part, { force: true }).catch(() => {});
  }
}

async function removeAbandoned(folder, name) {
  const parts = (await readdir(folder)).filter(file => file.startsWith(`${name}.`) && file.endsWith(partEnding));
  for (const path of parts.map(file => join(folder, file))) {
    const modified = await stat(path).catch(() => null);
    if (modified !== null && Date.now() - modified.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
  }
}

/** The chunks of the body, and how many bytes they are together where the server says. */
async function request(url, signal) {
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch(cause => {
    const interrupted = signal?.aborted === true;
    throw new DownloadError(
      interrupted ? 'interrupted' : 'unreachable',
      interrupted ? 'interrupted' : `no connection (${reasonOf(cause)})`,
      { cause },
    );
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new DownloadError('refused', `the server answers ${`${response.status} ${response.statusText}`.trim()}`);
  }
  // The length of a compressed body is not that of the file.
  const length = response.headers.has('content-encoding') ? null : response.headers.get('content-length');
  return { chunks: response.body, total: Number(length) || null };
}

/** Writes the body to a new file and to the disk. */
async function receive({ chunks, total }, file, onProgress) {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await writing(file, () => open(file, 'wx'));
  try {
    for await (const chunk of arriving(chunks, () => bytes)) {
      hash.update(chunk);
      await writing(file, () => handle.writeFile(chunk));
      bytes += chunk.byteLength;
      onProgress(bytes, total);
    }
    if (total !== null && bytes !== total)
      throw new DownloadError('interrupted', `it ended after ${bytes} of ${total} bytes`);
    await writing(file, () => handle.sync());
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** The chunks; what the connection throws becomes a DownloadError. */
async function* arriving(chunks, received) {
  try {
    yield* chunks;
  } catch (cause) {
    throw new DownloadError('interrupted', `it broke off after ${received()} bytes (${reasonOf(cause)})`, { cause });
  }
}

/** Runs a step on the file system; what it throws becomes a DownloadError. */
async function writing(path, step) {
  try {
    return await step();
  } catch (cause) {
    throw new DownloadError('unwritable', `${path} cannot be written (${reasonOf(cause)})`, { cause });
  }
}

/** The shortest text that tells a user why: `fetch` hides it one level down. */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'interrupted';
  if (typeof error.code === 'string') return error.code;
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
