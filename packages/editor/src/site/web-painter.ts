/**
 * A generator on ONNX Runtime as sessions take one, and what a person is told of its errors. Depends on @pix2pixhd/web and a worker's
 * canvases.
 */
import { type GeneratedImage, type GeneratorInfo, type LoadedGenerator, UserError } from '@pix2pixhd/web';
import type { WireStyles } from '../protocol/messages.js';
import { chosenStyles } from '../session/chosen-styles.js';
import { type DrawnValues, plainDrawing } from '../session/drawn-values.js';
import type { Drawing, PackedFormat, Painter, Picture, Pixels, Told } from '../session/painter.js';

/** Paints with a generator. */
export class WebPainter implements Painter {
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
    return {
      width,
      height,
      exact: values instanceof Float32Array ? 'tiff' : 'png',
      packed: format => packed(image, format),
    };
  }

  async looksIn(photo: Pixels, { input, instances }: Drawing): Promise<ReadonlyMap<number, readonly number[]>> {
    return this.#generator.encodeStyles(photo, { input, ...(instances !== undefined && { instances }) });
  }
}

async function packed(image: GeneratedImage, format: PackedFormat): Promise<Uint8Array> {
  if (format === 'png') return image.toPng();
  if (format === 'tiff')
    throw new UserError({
      code: 'UNSUPPORTED',
      doing: 'keeping an image',
      found: 'floating-point values, which no format of the browser holds',
      remedy: 'render the drawing with pix2pixhd generate',
    });
  const blob = await image.toBlob(`image/${format}`, 0.92);
  return new Uint8Array(await blob.arrayBuffer());
}

/** What a person is told of any error. */
export function told(error: unknown): Told {
  if (!(error instanceof UserError)) return { message: error instanceof Error ? error.message : String(error) };
  const { doing, found, remedy } = error.parts;
  return { message: `${doing}: ${found}`, ...(remedy !== undefined && { remedy }) };
}

/**
 * How the inputs of a model are drawn.
 * @throws UserError where they cannot be drawn.
 */
export function drawnValues({ labelNc, images, file }: GeneratorInfo): DrawnValues {
  if (labelNc > 0) return plainDrawing;
  const ranges = images?.ranges ?? null;
  const [first] = ranges ?? [];
  if (images === null || ![1, 3].includes(images.channels) || first === undefined || ranges!.length > 1)
    throw new UserError({
      code: 'MODEL_UNSUITABLE',
      doing: 'opening the model',
      where: file,
      found: 'inputs that cannot be drawn: several images at once, or values without a range',
      expected: 'label maps, or images of one or three channels in one range of values',
      remedy: 'render such inputs with pix2pixhd generate',
    });
  if (images.dtype === 'uint8') return plainDrawing;
  const range = { low: first.black, high: first.white };
  return { range, depth: 'float', values: images.channels === 1 ? range : null };
}
