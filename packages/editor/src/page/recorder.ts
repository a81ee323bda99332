/**
 * A recording of how a drawing comes about: drawing and result beside each other, a frame for every result. Depends on signals,
 * the studio and the browser's canvases.
 */
import { effect, signal } from '@preact/signals';
import { flatten, mapsOf, type Scene } from '../document/scene.js';
import { animatedWebp } from '../project/animated-webp.js';
import { durationsOf } from '../project/pace.js';
import { download } from './files.js';
import { paintDrawing } from './painting.js';
import type { Studio } from './studio.js';
import { texts } from './texts.js';

/** What a recording may take of the browser's memory: some 15 MB. */
const mostFrames = 1500;
const longestSide = 256;
/** Pixels between drawing and result. */
const gap = 4;
const quality = 0.85;

interface Frame {
  /** Milliseconds, on the page's clock. */
  readonly time: number;
  readonly bytes: Uint8Array;
}

/** Records a drawing. */
export class Recorder {
  readonly recording = signal(false);
  readonly #studio: Studio;
  readonly #sheet: Sheet;
  #frames: Frame[] = [];
  /** The frame that is being taken; and whether there is something newer by now. */
  #taking: Promise<void> | undefined;
  #newer = false;
  #end: () => void = () => {};

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#sheet = new Sheet(studio);
  }

  /** Begins with what is shown now. */
  start(): void {
    this.#frames = [];
    this.#sheet.fit();
    this.recording.value = true;
    this.#end = effect(() => {
      if (this.#studio.renderer.image.value !== null) this.#take();
    });
  }

  /** Offers what was recorded as a file. */
  async stop(): Promise<void> {
    if (!this.recording.value) return;
    this.#end();
    await this.#taking;
    this.recording.value = false;
    const frames = this.#frames;
    this.#frames = [];
    if (frames.length === 0) return;
    const durations = durationsOf(frames.map(({ time }) => time));
    const pictures = frames.map(({ bytes }, i) => ({ bytes, duration: durations[i]! }));
    const file = animatedWebp(this.#sheet.width, this.#sheet.height, pictures);
    download('drawing.webp', new Blob([file], { type: 'image/webp' }));
  }

  /** Takes a frame; while one is being taken, only the newest result that comes is taken after it. */
  #take(): void {
    this.#newer = true;
    this.#taking ??= this.#takeAll().finally(() => {
      this.#taking = undefined;
    });
  }

  async #takeAll(): Promise<void> {
    try {
      while (this.#newer) {
        this.#newer = false;
        const time = performance.now();
        this.#frames.push({ time, bytes: await this.#sheet.picture() });
        if (this.#frames.length >= mostFrames) this.#give(texts.recordingFull);
      }
    } catch (error) {
      this.#give((error as Error).message);
    }
  }

  /** Stops by itself, and says why. */
  #give(reason: string): void {
    this.#newer = false;
    this.#studio.renderer.notice.value = { text: reason };
    void this.stop();
  }
}

/** The picture that frames are painted on: one size throughout, whatever becomes of the drawing's. */
class Sheet {
  readonly #studio: Studio;
  readonly #canvas = new OffscreenCanvas(1, 1);
  readonly #context = this.#canvas.getContext('2d', { alpha: false })!;
  readonly #drawing = new OffscreenCanvas(1, 1);
  #half = { width: 1, height: 1 };

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  get width(): number {
    return this.#canvas.width;
  }

  get height(): number {
    return this.#canvas.height;
  }

  /** Takes the size of the drawing, or a smaller one of its proportions. */
  fit(): void {
    const { width, height } = this.#studio.scene.peek();
    const scale = Math.min(1, longestSide / Math.max(width, height));
    this.#half = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    this.#canvas.width = 2 * this.#half.width + gap;
    this.#canvas.height = this.#half.height;
  }

  /** The newest result and the drawing that it is of, as a WebP. @throws Error where the browser makes none. */
  async picture(): Promise<Uint8Array> {
    const { imaged, image: result } = this.#studio.renderer;
    const image = result.peek()!;
    this.#paintDrawing(imaged!);
    const bitmap = await createImageBitmap(
      new Blob([image.bytes as Uint8Array<ArrayBuffer>], { type: `image/${image.format}` }),
    );
    this.#context.fillStyle = '#fff';
    this.#context.fillRect(0, 0, this.width, this.height);
    this.#context.imageSmoothingQuality = 'high';
    this.#place(this.#drawing, 0);
    this.#place(bitmap, this.#half.width + gap);
    bitmap.close();
    const blob = await this.#canvas.convertToBlob({ type: 'image/webp', quality });
    if (blob.type !== 'image/webp') throw new Error(texts.noWebp);
    return new Uint8Array(await blob.arrayBuffer());
  }

  #paintDrawing(scene: Scene): void {
    const { paints } = this.#studio;
    const { width, height } = scene;
    const maps = mapsOf(scene);
    flatten(scene, maps);
    this.#drawing.width = width;
    this.#drawing.height = height;
    const whole = { x: 0, y: 0, width, height };
    paintDrawing(this.#drawing.getContext('2d')!, maps, scene, paints, whole, !paints.areOwn);
  }

  /** Draws one half as large as fits into it. */
  #place(picture: OffscreenCanvas | ImageBitmap, left: number): void {
    const half = this.#half;
    const scale = Math.min(half.width / picture.width, half.height / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    this.#context.drawImage(picture, left + (half.width - width) / 2, (half.height - height) / 2, width, height);
  }
}
