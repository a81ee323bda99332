/**
 * Downloads an official libtorch zip and unpacks it. Only ever runs when asked to. Depends on download.mjs, unzip.mjs and Node.
 */
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DownloadError, download } from './download.mjs';
import { compareVersions, LibtorchError } from './locate-libtorch.mjs';
import { unzip, ZipError } from './unzip.mjs';

/** What is fetched when no version is named: the last one whose headers are C++17, as older compilers need. */
export const defaultVersion = '2.8.0';

/**
 * The address of an official zip.
 *
 * @param {string} [version]
 * @param {string} [compute] `cpu`, or a CUDA tag such as `cu126` (tch's TORCH_CUDA_VERSION)
 * @param {string} [platform]
 * @param {string} [arch]
 * @throws {LibtorchError} where PyTorch publishes none
 */
export function officialUrl(
  version = defaultVersion,
  compute = 'cpu',
  platform = process.platform,
  arch = process.arch,
) {
  const host = 'https://download.pytorch.org/libtorch';
  if (platform === 'darwin' && arch === 'arm64') return `${host}/cpu/libtorch-macos-arm64-${version}.zip`;
  if (platform !== 'linux' || arch !== 'x64') {
    throw new LibtorchError(
      `PyTorch publishes no libtorch zip for ${platform} ${arch}. Install PyTorch with pip and set ` +
        'LIBTORCH_USE_PYTORCH=1, or name a zip with LIBTORCH_URL.',
    );
  }
  // From 2.8 on only the C++11 ABI is published, and the name no longer says so.
  const name =
    compareVersions(version, '2.8') < 0 ? 'libtorch-cxx11-abi-shared-with-deps' : 'libtorch-shared-with-deps';
  return `${host}/${compute}/${name}-${version}%2B${compute}.zip`;
}

/**
 * Downloads a libtorch zip and unpacks its `libtorch/` folder to `destination`, which is replaced only when everything
 * has arrived whole.
 *
 * @param {object} options
 * @param {string} options.url
 * @param {string} options.destination
 * @param {string} [options.sha256] expected hash of the zip, in hex
 * @param {(received: number, total: number | null) => void} [options.onProgress] bytes so far, and of the whole
 * @returns {Promise<{ bytes: number, sha256: string }>}
 * @throws {LibtorchError} offline, refused, cut short, of another hash, or no libtorch inside
 */
export async function downloadLibtorch({ url, destination, sha256, onProgress }) {
  const zip = `${destination}.zip`;
  const unpacked = `${destination}.unpacking`;
  const cleanUp = () => Promise.all([zip, unpacked].map(path => rm(path, { recursive: true, force: true })));
  await cleanUp();
  try {
    const received = await download({ url, destination: zip, sha256, onProgress });
    await unzip(zip, unpacked);
    const inside = join(unpacked, 'libtorch');
    if (!(await stat(join(inside, 'lib')).catch(() => null))) {
      throw new LibtorchError(`${url} has no folder libtorch/lib: it is not a zip of libtorch. Nothing was installed.`);
    }
    await rm(destination, { recursive: true, force: true });
    await rename(inside, destination);
    return received;
  } catch (cause) {
    if (cause instanceof DownloadError)
      throw new LibtorchError(`${url} cannot be downloaded: ${cause.message}. ${remedies[cause.kind]}`, { cause });
    if (!(cause instanceof ZipError)) throw cause;
    throw new LibtorchError(`${url} cannot be unpacked: ${cause.message}. Nothing was installed.`, { cause });
  } finally {
    await cleanUp();
  }
}

/** What helps, by the kind of a DownloadError. */
const remedies = {
  unreachable:
    'Is this machine online? A zip downloaded elsewhere can be unpacked by hand: set LIBTORCH to its libtorch folder.',
  refused: 'LIBTORCH_URL names another zip.',
  interrupted: 'Run the same command again.',
  'wrong-hash': 'LIBTORCH_SHA256 says which file it must be. Nothing was installed.',
  unwritable: 'Free the disk or correct the permissions, and run the same command again.',
};
