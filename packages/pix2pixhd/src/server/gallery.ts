/**
 * Drawings to begin with: the held-out inputs of the data set that a generator was trained on. They are found when the server
 * starts and go by number, so that no request names a file. Depends on the data module.
 */
import { encodeRuns } from '@pix2pixhd/editor/protocol';
import { decodeImage, decodeInstanceMap, decodeLabelMap } from '../data/decode/decode.js';
import type { Sample } from '../data/find/pairs.js';
import { resizeBicubic } from '../data/resize/bicubic.js';
import { resizeNearest } from '../data/resize/resize.js';

/** A drawing: runs of the protocol; with image inputs red, green and blue of each pixel. */
export interface GalleryCanvas {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** Decoded drawings in memory. */
const mostKept = 8;

/** The drawings to begin with. */
export class Gallery {
  readonly #samples: readonly Sample[];
  readonly #kept = new Map<number, Promise<GalleryCanvas>>();
  #reading: Promise<unknown> = Promise.resolve();

  readonly #width: number | null;

  /**
   * @param width that drawings are scaled to; null for their own.
   * @param samples at most `most` of them are offered, evenly spread.
   */
  constructor(samples: readonly Sample[], width: number | null, most = 60) {
    this.#width = width;
    const count = Math.min(most, samples.length);
    this.#samples = Array.from({ length: count }, (_, i) => samples[Math.floor((i * samples.length) / count)]!);
  }

  get names(): readonly string[] {
    return this.#samples.map(({ stem }) => stem);
  }

  /**
   * One drawing after the other is decoded, however many are asked for; the last ones are kept.
   * @throws RangeError where there is no such drawing; UserError where its files cannot be read.
   */
  async read(item: number): Promise<GalleryCanvas> {
    const sample = this.#samples[item];
    if (sample === undefined) throw new RangeError(`the gallery has ${this.#samples.length} drawings, and no ${item}`);
    const known = this.#kept.get(item);
    if (known !== undefined) return known;
    const reading = this.#reading.then(() => this.#decode(sample));
    this.#reading = reading.catch(() => {});
    this.#kept.set(item, reading);
    reading.catch(() => this.#kept.delete(item));
    if (this.#kept.size > mostKept) this.#kept.delete(this.#kept.keys().next().value!);
    return reading;
  }

  async #decode(sample: Sample): Promise<GalleryCanvas> {
    if (sample.label === undefined) return this.#readImage(sample.source!);
    const label = await decodeLabelMap(sample.label);
    const instance = sample.instance === undefined ? label : await decodeInstanceMap(sample.instance);
    const { width, height } = this.#size(label);
    const maps = {
      width,
      height,
      labels: Uint16Array.from(resizeNearest(label, width, height).data),
      instances: Int32Array.from(resizeNearest(instance, width, height).data),
    };
    return { width, height, bytes: encodeRuns(maps, { x: 0, y: 0, width, height }) };
  }

  #size({ width, height }: { readonly width: number; readonly height: number }): { width: number; height: number } {
    if (this.#width === null) return { width, height };
    return { width: this.#width, height: Math.max(1, Math.round((height * this.#width) / width)) };
  }

  /** Red, green and blue, as a page draws them: of deeper images the upper 8 bits. */
  async #readImage(source: string): Promise<GalleryCanvas> {
    const raster = await decodeImage(source);
    const { width, height } = this.#size(raster);
    const { channels, data } = resizeBicubic(raster, width, height);
    const scale = data instanceof Uint16Array ? 1 / 257 : data instanceof Float32Array ? 255 : 1;
    const colour = channels >= 3;
    const bytes = new Uint8Array(3 * width * height);
    for (let i = 0; i < bytes.length; i++)
      bytes[i] = Math.round(data[Math.floor(i / 3) * channels + (colour ? i % 3 : 0)]! * scale);
    return { width, height, bytes };
  }
}
