/**
 * The size of an image: as the annotations have it, or as the caller reads it from the image. Depends on `field.ts`.
 */
import type { ReadOptions, Size } from './annotations.js';
import { described, faultIn, type SourceFile } from './field.js';

/** More pixels a side than any format of images that is read. */
const LONGEST_SIDE = 65535;
/** 268 million pixels: a gigabyte while their shapes are drawn. */
const MOST_PIXELS = 2 ** 28;

/**
 * The size of an image, of what may be one.
 *
 * @param place names both fields: `images[3].width and height`.
 * @throws UserError where they are no whole numbers from 1, or too large.
 */
export function checkedSize(source: SourceFile, place: string, width: unknown, height: unknown): Size {
  if (isSide(width) && isSide(height) && width * height <= MOST_PIXELS) return { width, height };
  throw faultIn(
    source,
    place,
    `a size of ${described(width)}×${described(height)}`,
    `whole numbers from 1 to ${LONGEST_SIDE}, and at most ${MOST_PIXELS} pixels`,
  );
}

/**
 * The size that a caller's function gives for an image whose annotation has none.
 *
 * @param place names the missing fields.
 * @throws UserError where there is no such function, or it gives no size.
 */
export async function measuredSize(
  source: SourceFile,
  place: string,
  image: string,
  { sizeOf }: ReadOptions,
): Promise<Size> {
  if (sizeOf === undefined)
    throw faultIn(source, place, 'no size of the image', 'its width and height in pixels', {
      remedy: 'name the folder of the images, so that their sizes can be read, or add the size',
    });
  const { width, height } = await sizeOf(image);
  return checkedSize(source, `the size of the image ${image}`, width, height);
}

function isSide(side: unknown): side is number {
  return typeof side === 'number' && Number.isInteger(side) && side >= 1 && side <= LONGEST_SIDE;
}
