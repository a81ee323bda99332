/**
 * Where the weights of VGG19 are on this machine, and their download. Depends on torch's download and errors; reads the
 * environment.
 */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DownloadError, download } from '@pix2pixhd/torch/download';
import { UserError } from '../errors.js';

/** torchvision's name for the file, which contains the first eight digits of its SHA-256. */
const fileName = 'vgg19-dcbb9e9d.pth';
const sha256 = 'dcbb9e9d';
const officialUrl = `https://download.pytorch.org/models/${fileName}`;

/** Environment variables: `process.env`. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Per the XDG specification an empty variable counts as unset. */
function cacheFolder(environment: Environment): string {
  return environment.XDG_CACHE_HOME || join(homedir(), '.cache');
}

/** Where {@link downloadVggWeights} puts the file. */
export function vggCachePath(environment: Environment = process.env): string {
  return join(cacheFolder(environment), 'pix2pixhd', fileName);
}

/** Where PyTorch's own `torch.hub` keeps the same file. */
function torchHubPath(environment: Environment): string {
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
export function findVggWeights(path: string | null, environment: Environment = process.env): string | undefined {
  if (path === null) return [vggCachePath(environment), torchHubPath(environment)].find(isFile);
  if (isFile(path)) return path;
  throw new UserError({
    code: 'FILE_NOT_FOUND',
    doing: 'looking for the weights of VGG19',
    where: path,
    found: 'no such file',
    remedy: `correct --vgg-weights, or leave it out: the file is then downloaded from ${officialUrl}`,
  });
}

/** How a download of the weights is followed and stopped. */
export interface VggDownload {
  /** Another URL of the same file. */
  readonly url?: string;
  /** Called after every chunk: bytes so far, and in total (about 575 million) where the server says. */
  readonly onProgress?: (received: number, total: number | null) => void;
  /** Ends the download. */
  readonly signal?: AbortSignal;
}

/**
 * Downloads torchvision's file into the cache, complete or not at all.
 * @returns its path.
 * @throws UserError that names other ways to get the file.
 */
export async function downloadVggWeights(
  { url = officialUrl, onProgress, signal }: VggDownload = {},
  environment: Environment = process.env,
): Promise<string> {
  const destination = vggCachePath(environment);
  try {
    await download({ url, destination, sha256, onProgress, signal });
    return destination;
  } catch (cause) {
    if (!(cause instanceof DownloadError)) throw cause;
    throw new UserError(
      {
        code: 'DOWNLOAD_FAILED',
        doing: 'downloading the weights of VGG19',
        where: url,
        found: cause.message,
        remedy:
          `try again; or download ${url} on another machine and put it at ${destination}, or name it with ` +
          '--vgg-weights FILE; or train without this loss: --no-vgg-loss',
      },
      { cause },
    );
  }
}
