/**
 * GeneratedImage: what a generator makes, with the ways to keep it. Depends on sharp, the output module and inference's
 * encoder.
 */
import { dirname, extname } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { Sharp } from 'sharp';
import { reasonOf, UserError } from '../errors.js';
import { encodeImage } from '../inference/encode-image.js';
import { makeFolder } from '../output/make-folder.js';
import { type Image8, type ImageArray, imageToShow, type SynthesizedImage } from '../raster.js';
import { toSharp } from '../sharp-image.js';

/** Formats of image files that can be written. JPEG, WebP and AVIF are lossy. */
export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'tiff';

const formatOf: Readonly<Record<string, ImageFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
  '.avif': 'avif',
  '.tif': 'tiff',
  '.tiff': 'tiff',
};

/**
 * An image that a generator made, of exactly its input's size.
 *
 * @example
 * ```ts
 * await using generator = await loadGenerator('checkpoints/city');
 * const image = await generator.generate('label.png', { instances: 'inst.png' });
 * await image.save('photo.png');
 * const thumbnail = await image.toSharp().resize(32).webp().toBuffer();
 * console.log(image.width, image.height, image.data.length, thumbnail.length);
 * ```
 */
export class GeneratedImage implements Image8 {
  readonly width: number;
  readonly height: number;
  /** As many as the network was trained to make: 3 for colour, 1 for grey. */
  readonly channels: number;
  /** (H, W, C), row-major, channels interleaved, 0…255: to look at. */
  readonly data: Uint8Array;
  /**
   * The same in the depth and unit of the images that the network was trained on: 16 bits or floating point where they were
   * (`outputDepth`), and otherwise {@link data} itself.
   */
  readonly values: ImageArray;
  /** What black and white of {@link data} are in the unit of {@link values}. */
  readonly black: number;
  readonly white: number;

  /** @internal generators make them. */
  constructor(image: SynthesizedImage) {
    this.width = image.width;
    this.height = image.height;
    this.channels = image.channels;
    this.data = imageToShow(image).data;
    this.values = image.data;
    this.black = image.black;
    this.white = image.white;
  }

  /**
   * Writes a file in the format that its name ends in, in one step: a crash leaves no half of it. Its folder is made; a file that
   * exists is replaced. A PNG is byte for byte the one that `pix2pixhd generate` writes. PNG and TIFF hold {@link values},
   * the other formats 8 bits.
   *
   * @throws UserError where the ending is not that of a format, the image has more than 4 channels, or nothing can be written
   *   there.
   */
  async save(path: string): Promise<void> {
    const format = formatOf[extname(path).toLowerCase()];
    if (format === undefined)
      throw new UserError({
        code: 'CANNOT_WRITE',
        doing: 'saving a generated image',
        where: path,
        found: `a name that ends in ${extname(path) || 'nothing'}`,
        expected: `one of ${Object.keys(formatOf).join(', ')}`,
        remedy: 'name the file photo.png, for example',
      });
    const bytes = await this.toBuffer(format);
    try {
      makeFolder(dirname(path));
      writeFileAtomic(path, bytes);
    } catch (cause) {
      throw new UserError(
        {
          code: 'CANNOT_WRITE',
          doing: 'saving a generated image',
          where: path,
          found: reasonOf(cause),
          expected: 'a place that can be written to',
          remedy: 'choose another folder, or change the permissions',
        },
        { cause },
      );
    }
  }

  /**
   * The bytes of an image file.
   *
   * @throws UserError where the image has more than 4 channels, which TIFF alone holds, or floating point, which a PNG does not.
   */
  async toBuffer(format: ImageFormat = 'png'): Promise<Buffer> {
    if (format !== 'png' && format !== 'tiff') return this.toSharp().toFormat(format).toBuffer();
    const { width, height, channels, values: data, black, white } = this;
    const plain = { width, height, channels, data, black, white };
    return encodeImage(plain, { name: format, extension: '', quality: 100 });
  }

  /**
   * A sharp instance of the pixels: resize, crop, or compose with others. The pixels are not copied.
   *
   * @throws UserError where the image has more than 4 channels: use {@link data}.
   */
  toSharp(): Sharp {
    const { channels } = this;
    if (channels > 4)
      throw new UserError({
        code: 'WRONG_CHANNELS',
        doing: 'converting a generated image',
        found: `${channels} channels`,
        expected: 'at most 4, which is what image files hold',
        remedy: 'use the values themselves: image.data',
      });
    return toSharp(this);
  }
}
