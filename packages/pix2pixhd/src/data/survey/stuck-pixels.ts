/** Pixels of a camera that never change. Depends on raster.ts for types. */
import type { StoredRaster } from '../../raster.js';

/** Fewer images say nothing. */
const LEAST_IMAGES = 8;
/** Where more than this share stands still, the scene does, not the sensor. */
const MOST_SHARE = 0.01;

/** Counts the values that are the same in every image that is added. */
export class StuckPixels {
  #first: StoredRaster | undefined;
  #changes: Uint8Array | undefined;
  #images = 0;
  #comparable = true;

  add(image: StoredRaster): void {
    this.#images++;
    if (this.#first === undefined) {
      this.#first = image;
      this.#changes = new Uint8Array(image.data.length);
      return;
    }
    const { data, width } = this.#first;
    if (image.width !== width || image.data.length !== data.length) this.#comparable = false;
    if (!this.#comparable) return;
    const changes = this.#changes!;
    for (let i = 0; i < data.length; i++) if (data[i] !== image.data[i]) changes[i] = 1;
  }

  /** Values that never changed; 0 where images are few, of several sizes, or much of them stands still. */
  get count(): number {
    if (!this.#comparable || this.#images < LEAST_IMAGES || this.#changes === undefined) return 0;
    const still = this.#changes.reduce((count, changed) => count + 1 - changed, 0);
    return still / this.#changes.length > MOST_SHARE ? 0 : still;
  }
}
