/** Browsers, pages and workers alike: addresses, canvases, the browser's decoders. Depends on errors.ts and the DOM. */
import { reasonOf, UserError } from '../errors.js';
import type { CanvasLike } from '../input/image-input.js';
import type { Platform } from './platform.js';

export const platform: Platform = {
  isPage: typeof document !== 'undefined',

  pathOf: () => undefined,

  addressOf: source => new URL(source, typeof document === 'undefined' ? location.href : document.baseURI).href,

  readFile: () => Promise.reject(noFiles('reading')),

  writeFile: () => Promise.reject(noFiles('writing')),

  async decodeImage(bytes, name) {
    let bitmap: ImageBitmap;
    try {
      const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
      bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
    } catch (cause) {
      throw new UserError(
        {
          code: 'FILE_UNREADABLE',
          doing: `reading ${name}`,
          found: reasonOf(cause),
          expected: 'an image that this browser decodes',
          remedy: 'save the file again, as PNG',
        },
        { cause },
      );
    }
    try {
      return this.pixelsOf(bitmap, name);
    } finally {
      bitmap.close();
    }
  },

  pixelsOf(source, name) {
    const [width, height] = sizeOf(source as never);
    const canvas = 'getContext' in source ? source : drawn(source as ImageBitmap, width, height);
    try {
      const context = contextOf(canvas);
      if (context === null) throw new Error('a canvas whose context is not 2d');
      const { data } = context.getImageData(0, 0, width, height);
      return { width, height, channels: 4, data: new Uint8Array(data.buffer) };
    } catch (cause) {
      throw new UserError(
        {
          code: 'IMAGE_UNSUITABLE',
          doing: `reading ${name}`,
          found: reasonOf(cause),
          expected: 'a picture with pixels, and a 2d canvas on which nothing of another origin was drawn',
          remedy: 'load images of other origins with crossorigin="anonymous", or give ImageData',
        },
        { cause },
      );
    }
  },

  async encodeImage(rgba, width, type, quality) {
    const canvas = new OffscreenCanvas(width, rgba.length / 4 / width);
    canvas.getContext('2d')!.putImageData(new ImageData(rgba, width), 0, 0);
    return canvas.convertToBlob({ type, ...(quality !== undefined && { quality }) });
  },

  startWorker() {
    try {
      return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    } catch (cause) {
      throw new UserError(
        {
          code: 'THREAD_ENDED',
          doing: 'starting the worker that computes',
          found: reasonOf(cause),
          expected: 'a page that may start workers of its own origin',
          remedy: 'serve this package from the origin of the page, or load with worker: false',
        },
        { cause },
      );
    }
  },
};

interface Sizes {
  readonly width: number;
  readonly height: number;
  readonly naturalWidth?: number;
  readonly naturalHeight?: number;
  readonly videoWidth?: number;
  readonly videoHeight?: number;
}

/** Of the pixels: an image or a video in a page may be shown in another size. */
function sizeOf({ width, height, naturalWidth, naturalHeight, videoWidth, videoHeight }: Sizes): [number, number] {
  return [naturalWidth ?? videoWidth ?? width, naturalHeight ?? videoHeight ?? height];
}

function drawn(picture: ImageBitmap, width: number, height: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(Math.max(width, 1), Math.max(height, 1));
  canvas.getContext('2d', { willReadFrequently: true })!.drawImage(picture, 0, 0);
  return canvas;
}

function contextOf(canvas: CanvasLike): OffscreenCanvasRenderingContext2D | null {
  return canvas.getContext('2d') as OffscreenCanvasRenderingContext2D | null;
}

function noFiles(what: string): UserError {
  return new UserError({
    code: 'UNSUPPORTED',
    doing: `${what} a file by its path`,
    found: 'a browser, which has no paths',
    remedy: 'use addresses, Blobs and Files; images are kept with toBlob or toPng',
  });
}
