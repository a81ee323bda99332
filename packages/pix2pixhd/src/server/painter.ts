/**
 * A generator of libtorch as the editor's sessions take one, and what a person is told of its errors. Depends on the program's API
 * and sharp's pipelines, which pack images.
 */

import type { WireStyles } from '@pix2pixhd/editor/protocol';
import {
  chosenStyles,
  type Drawing,
  type PackedFormat,
  type Painter,
  type Picture,
  type Pixels,
  type Told,
} from '@pix2pixhd/editor/session';
import type { GeneratedImage } from '../api/generated-image.js';
import type { LoadedGenerator } from '../api/loaded-generator.js';
import { UserError } from '../errors.js';

/** Paints with a generator. */
export class GeneratorPainter implements Painter {
  readonly #generator: LoadedGenerator;

  constructor(generator: LoadedGenerator) {
    this.#generator = generator;
  }

  async paint({ input, instances }: Drawing, styles: WireStyles | undefined): Promise<Picture> {
    const image = await this.#generator.generate(input, {
      ...(instances !== undefined && { instances }),
      ...(styles !== undefined && { style: chosenStyles(styles) }),
    });
    const { width, height, values } = image;
    const exact = values instanceof Float32Array ? 'tiff' : 'png';
    return { width, height, exact, packed: format => packed(image, format) };
  }

  async looksIn(photo: Pixels, { input, instances }: Drawing): Promise<ReadonlyMap<number, readonly number[]>> {
    return this.#generator.encodeStyles(photo, { input, ...(instances !== undefined && { instances }) });
  }
}

/** What a person is told of a user's error; null of any other. */
export function told(error: unknown): Told | null {
  if (!(error instanceof UserError)) return null;
  const { doing, found, remedy } = error.parts;
  return { message: `${doing}: ${found}`, ...(remedy !== undefined && { remedy: String(remedy) }) };
}

async function packed(image: GeneratedImage, format: PackedFormat): Promise<Uint8Array> {
  if (format === 'png' || format === 'tiff') return image.toBuffer(format);
  const pipeline = image.toSharp();
  return format === 'jpeg'
    ? pipeline.jpeg({ quality: 92 }).toBuffer()
    : pipeline.webp({ quality: 92, effort: 1 }).toBuffer();
}
