/**
 * Drawings to begin with: the held-out inputs of the data set that a generator was trained on. They are found when the server
 * starts and go by number, so that no request names a file. Depends on the data module and input-values.ts.
 */
import { encodeRuns, encodeValues } from '@pix2pixhd/editor/protocol';
import { type Beginnings, type DrawnValues, plainDrawing } from '@pix2pixhd/editor/session';
import { decodeInstanceMap, decodeLabelMap } from '../data/decode/decode.js';
import type { Sample } from '../data/find/pairs.js';
import { IGNORE_LABEL, WIDE_IGNORE_LABEL } from '../data/labels/values.js';
import { resizeNearest } from '../data/resize/resize.js';
import { readColours, readValues } from './input-values.js';

/** A drawing: runs of the protocol; with image inputs red, green and blue of each pixel, or values of the protocol. */
export interface GalleryCanvas {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** Decoded drawings in memory. */
const mostKept = 8;

/** The drawings to begin with. */
export class Gallery implements Beginnings {
  readonly #samples: readonly Sample[];
  readonly #kept = new Map<number, Promise<GalleryCanvas>>();
  #reading: Promise<unknown> = Promise.resolve();

  readonly #width: number | null;
  readonly #inputs: DrawnValues;

  /**
   * @param width that drawings are scaled to; null for their own.
   * @param samples at most `most` of them are offered, evenly spread.
   * @param inputs how images are read.
   */
  constructor(samples: readonly Sample[], width: number | null, inputs: DrawnValues = plainDrawing, most = 60) {
    this.#width = width;
    this.#inputs = inputs;
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
      // The page has one value for "no class".
      labels: Uint16Array.from(resizeNearest(label, width, height).data, id =>
        id === WIDE_IGNORE_LABEL ? IGNORE_LABEL : id,
      ),
      instances: Int32Array.from(resizeNearest(instance, width, height).data),
    };
    return { width, height, bytes: encodeRuns(maps, { x: 0, y: 0, width, height }) };
  }

  #size({ width, height }: { readonly width: number; readonly height: number }): { width: number; height: number } {
    if (this.#width === null) return { width, height };
    return { width: this.#width, height: Math.max(1, Math.round((height * this.#width) / width)) };
  }

  async #readImage(source: string): Promise<GalleryCanvas> {
    const sizeOf = this.#size.bind(this);
    if (this.#inputs.values !== null) {
      const { width, height, data } = await readValues(source, this.#inputs, sizeOf);
      return { width, height, bytes: encodeValues(data) };
    }
    const { width, height, data } = await readColours(source, this.#inputs, sizeOf);
    return { width, height, bytes: data };
  }
}
