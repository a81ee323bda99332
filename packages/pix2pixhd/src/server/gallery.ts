/**
 * Drawings to begin with: the held-out inputs of the data set that a generator was trained on. They are found when the server
 * starts and go by number, so that no request names a file. Depends on the data module.
 */
import { encodeRuns } from '@pix2pixhd/editor/protocol';
import { decodeInstanceMap, decodeLabelMap } from '../data/decode/decode.js';
import type { Sample } from '../data/find/pairs.js';
import { resizeNearest } from '../data/resize/resize.js';

/** A drawing: runs of the protocol. */
export interface GalleryCanvas {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** The drawings to begin with. */
export class Gallery {
  readonly #samples: readonly Sample[];

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

  /** @throws RangeError where there is no such drawing; UserError where its files cannot be read. */
  async read(item: number): Promise<GalleryCanvas> {
    const sample = this.#samples[item];
    if (sample === undefined) throw new RangeError(`the gallery has ${this.#samples.length} drawings, and no ${item}`);
    const label = await decodeLabelMap(sample.label!);
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
}
