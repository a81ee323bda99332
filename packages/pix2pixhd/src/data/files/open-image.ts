/** Image files as every reader opens them. Depends on sharp. */
import sharp, { type Sharp, type SharpOptions } from 'sharp';

/** Images of any size and any number of channels, and no tolerance for damage. */
const readerOptions = { failOn: 'error', ignoreIcc: true, limitInputPixels: false, limitInputChannels: 0 } as const;

let cacheIsOff = false;

/**
 * Opens an image file for reading. The first call switches off libvips' cache of operations, which is the process': every file
 * is read once per epoch at most, so it only costs memory.
 */
export function openImage(file: string | Buffer, options: SharpOptions = {}): Sharp {
  if (!cacheIsOff) sharp.cache(false);
  cacheIsOff = true;
  return sharp(file, { ...readerOptions, ...options });
}
