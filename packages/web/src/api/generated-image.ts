/** GeneratedImage: what a generator makes, with the ways to keep it. Depends on png.ts and the platform. */
import { platform } from '#platform';
import type { Result } from '../engine/engine.js';
import { UserError } from '../errors.js';
import type { CanvasLike } from '../input/image-input.js';
import { encodePng } from '../input/png.js';

/** What `new ImageData(data, width, height)` takes, and `putImageData` after it. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  /** (H, W, 4): red, green, blue, and 255. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** An image that a generator made, of exactly its input's size. */
export class GeneratedImage {
  readonly width: number;
  readonly height: number;
  /** As many as the network was trained to make: 3 for colour, 1 for grey. */
  readonly channels: number;
  /** (H, W, C), row-major, channels interleaved, 0…255: to look at. */
  readonly data: Uint8Array;
  /**
   * The same in the depth and unit of the images that the network was trained on: 16 bits or floating point where they were, and
   * otherwise {@link data} itself.
   */
  readonly values: Uint8Array | Uint16Array | Float32Array;
  /** What black and white of {@link data} are in the unit of {@link values}. */
  readonly black: number;
  readonly white: number;

  /** @internal generators make them. */
  constructor(
    { width, height, channels, data }: Result,
    { black, white }: { readonly black: number; readonly white: number },
  ) {
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.values = data;
    this.black = black;
    this.white = white;
    // Clamped, and rounded to the nearest.
    this.data =
      data instanceof Uint8Array && black === 0 && white === 255
        ? data
        : new Uint8Array(Uint8ClampedArray.from(data, value => ((value - black) / (white - black)) * 255).buffer);
  }

  /** The pixels as canvases have them. @throws UserError of 2 and of more than 3 channels. */
  toRgba(): Rgba {
    const { width, height, channels, data } = this;
    if (channels !== 1 && channels !== 3)
      throw new UserError({
        code: 'WRONG_CHANNELS',
        doing: 'showing a generated image',
        found: `${channels} channels`,
        expected: '1 or 3: grey, or red, green and blue',
        remedy: 'use the values themselves: image.data',
      });
    const rgba = new Uint8ClampedArray(width * height * 4);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[i * channels + (channels === 1 ? 0 : c)]!;
      rgba[4 * i + 3] = 255;
    }
    return { width, height, data: rgba };
  }

  /** Shows it on a canvas, which gets its size. Browsers only. */
  draw(canvas: CanvasLike & { width: number; height: number }): void {
    const { width, height, data } = this.toRgba();
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d') as { putImageData(image: object, x: number, y: number): void };
    context.putImageData(new ImageData(data, width, height), 0, 0);
  }

  /** The bytes of a PNG, lossless: of {@link values} where they have 8 or 16 bits, else of {@link data}. */
  toPng(): Promise<Uint8Array> {
    const { width, height, channels, values } = this;
    return encodePng({ width, height, channels, data: values instanceof Float32Array ? this.data : values });
  }

  /** An image file, by the browser's encoder: `image/png`, `image/jpeg`, `image/webp`. Browsers only. */
  async toBlob(type = 'image/png', quality?: number): Promise<Blob> {
    const { width, data } = this.toRgba();
    return platform.encodeImage(data, width, type, quality);
  }

  /** Writes a PNG file. Node only. @throws UserError where it cannot be written, or the name does not end in `.png`. */
  async save(path: string): Promise<void> {
    if (!/\.png$/i.test(path))
      throw new UserError({
        code: 'CANNOT_WRITE',
        doing: 'saving a generated image',
        where: path,
        found: 'another format than PNG',
        expected: 'a name that ends in .png',
        remedy: 'give data, width, height and channels to sharp for other formats',
      });
    await platform.writeFile(path, await this.toPng());
  }
}
