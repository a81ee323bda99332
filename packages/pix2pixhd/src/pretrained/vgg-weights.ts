/** The weights of VGG19, for the perceptual loss. Depends on published-file.ts. */
import {
  cachePath,
  downloadPublished,
  type Environment,
  findPublished,
  type PublishedDownload,
  type PublishedFile,
} from './published-file.js';

/** torchvision's file, whose name contains the first eight digits of its SHA-256. */
export const vggWeights: PublishedFile = {
  title: 'VGG19',
  fileName: 'vgg19-dcbb9e9d.pth',
  url: 'https://download.pytorch.org/models/vgg19-dcbb9e9d.pth',
  sha256: 'dcbb9e9d',
  option: '--vgg-weights FILE',
  without: 'train without this loss: --no-vgg-loss',
};

/** Where {@link downloadVggWeights} puts the file. */
export function vggCachePath(environment?: Environment): string {
  return cachePath(vggWeights, environment);
}

/**
 * Finds the weights without network: the file that was named, else this program's cache, else PyTorch's.
 * @param path the file that the user named, or null.
 * @returns the file, or undefined if none was named and neither cache has it.
 * @throws UserError if the named file does not exist.
 */
export function findVggWeights(path: string | null, environment?: Environment): string | undefined {
  return findPublished(vggWeights, path, environment);
}

/** How a download of the weights is followed and stopped. */
export type VggDownload = PublishedDownload;

/**
 * Downloads torchvision's file, about 575 million bytes, into the cache, complete or not at all.
 * @returns its path.
 * @throws UserError that names other ways to get the file.
 */
export function downloadVggWeights(options?: VggDownload, environment?: Environment): Promise<string> {
  return downloadPublished(vggWeights, options, environment);
}
