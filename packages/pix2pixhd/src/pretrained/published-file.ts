/**
 * Published weights that are not part of this package: where their file is on this machine, and its download. Depends on
 * torch's download and errors; reads the environment.
 */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DownloadError, download } from '@pix2pixhd/torch/download';
import { UserError } from '../errors.js';

/** A file of weights that somebody publishes. */
export interface PublishedFile {
  /** Of what network: `VGG19`. */
  readonly title: string;
  /** Its name in our cache, and in PyTorch's where it is one of PyTorch's files. */
  readonly fileName: string;
  readonly url: string;
  /** Its SHA-256 in hex, or how that begins, as in the names of PyTorch's files. */
  readonly sha256: string;
  /** The option that names a file of one's own: `--vgg-weights FILE`. */
  readonly option: string;
  /** What to do without the file, for the end of a list of remedies. */
  readonly without: string;
}

/** Environment variables: `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Per the XDG specification an empty variable counts as unset. */
function cacheFolder(environment: Environment): string {
  return environment.XDG_CACHE_HOME || join(homedir(), '.cache');
}

/** Where {@link downloadPublished} puts a file. */
export function cachePath({ fileName }: PublishedFile, environment: Environment = process.env): string {
  return join(cacheFolder(environment), 'pix2pixhd', fileName);
}

/** Where PyTorch's own `torch.hub` keeps its files. */
function torchHubPath({ fileName }: PublishedFile, environment: Environment): string {
  const torchHome = environment.TORCH_HOME || join(cacheFolder(environment), 'torch');
  return join(torchHome, 'hub', 'checkpoints', fileName);
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/**
 * Finds the weights without network: the file that was named, else this program's cache, else PyTorch's.
 * @param path the file that the user named, or null.
 * @returns the file, or undefined if none was named and neither cache has it.
 * @throws UserError if the named file does not exist.
 */
export function findPublished(
  file: PublishedFile,
  path: string | null,
  environment: Environment = process.env,
): string | undefined {
  if (path === null) return [cachePath(file, environment), torchHubPath(file, environment)].find(isFile);
  if (isFile(path)) return path;
  throw new UserError({
    code: 'FILE_NOT_FOUND',
    doing: `looking for the weights of ${file.title}`,
    where: path,
    found: 'no such file',
    remedy: `correct ${nameOf(file)}, or leave it out: the file is then downloaded from ${file.url}`,
  });
}

/** The option without its value. */
function nameOf({ option }: PublishedFile): string {
  return option.replace(/ FILE$/, '').replace(/=FILE$/, '');
}

/** How a download is followed and stopped. */
export interface PublishedDownload {
  /** Another URL of the same file. */
  readonly url?: string;
  /** Called after every chunk: bytes so far, and in total where the server says. */
  readonly onProgress?: (received: number, total: number | null) => void;
  /** Ends the download. */
  readonly signal?: AbortSignal;
}

/**
 * Downloads a file into the cache, complete or not at all.
 * @returns its path.
 * @throws UserError that names other ways to get the file.
 */
export async function downloadPublished(
  file: PublishedFile,
  { url = file.url, onProgress, signal }: PublishedDownload = {},
  environment: Environment = process.env,
): Promise<string> {
  const destination = cachePath(file, environment);
  try {
    await download({ url, destination, sha256: file.sha256, onProgress, signal });
    return destination;
  } catch (cause) {
    if (!(cause instanceof DownloadError)) throw cause;
    throw new UserError(
      {
        code: 'DOWNLOAD_FAILED',
        doing: `downloading the weights of ${file.title}`,
        where: url,
        found: cause.message,
        remedy:
          `try again; or download ${url} on another machine and put it at ${destination}, or name it with ` +
          `${file.option}; or ${file.without}`,
      },
      { cause },
    );
  }
}

const NOTE_EVERY_MS = 2000;

/**
 * {@link downloadPublished}, telling how far it is.
 * @param note receives a line every two seconds, and one at the end.
 */
export async function downloadAloud(
  file: PublishedFile,
  note: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  let notedAt = 0;
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  const path = await downloadPublished(file, {
    ...(signal && { signal }),
    onProgress: (received, total) => {
      if (performance.now() - notedAt < NOTE_EVERY_MS) return;
      notedAt = performance.now();
      const of = total === null ? '' : ` of ${megabytes(total)}`;
      note(`downloading the weights of ${file.title}: ${megabytes(received)}${of} MB`);
    },
  });
  note(`downloaded the weights of ${file.title} to ${path}`);
  return path;
}
