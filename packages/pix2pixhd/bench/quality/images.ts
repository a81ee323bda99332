/** Reading back the images that the runs kept. Depends on the decoders. */
import { decodeImage } from '../../src/data/decode/decode.js';
import type { Image8 } from '../../src/raster.js';

/** An 8-bit image for a sheet. */
export async function readSheetImage(path: string): Promise<Image8> {
  const { width, height, channels, data } = await decodeImage(path);
  return { width, height, channels, data: data as Uint8Array };
}
