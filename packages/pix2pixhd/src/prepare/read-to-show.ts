/** Images of any depth as people see them. Depends on the decoder and raster.ts. */
import { decodeImage } from '../data/decode/decode.js';
import { readHeader } from '../data/files/header.js';
import { ANY_SCALE, FULL_SCALE } from '../data/values/range.js';
import { type Image8, imageToShow } from '../raster.js';

/** 8 bits as they are, others from their darkest to their brightest. */
export async function readToShow(file: string): Promise<Image8> {
  const header = await readHeader(file);
  const plain = header.storage === 'uchar';
  const image = await decodeImage(file, header, plain ? FULL_SCALE : ANY_SCALE);
  return imageToShow({ ...image, black: 0, white: plain ? 255 : 1 });
}
