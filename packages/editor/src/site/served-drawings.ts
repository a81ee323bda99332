/** Drawings to begin with that lie beside the page, as the protocol has them. Depends on the network. */
import type { Beginnings } from '../session/session.js';
import type { Site } from './site-file.js';

/** The drawings of a site. */
export class ServedDrawings implements Beginnings {
  readonly #gallery: Site['gallery'];
  readonly #base: string;

  /** @param base the address of the folder. */
  constructor(gallery: Site['gallery'], base: string) {
    this.#gallery = gallery;
    this.#base = base;
  }

  get names(): readonly string[] {
    return this.#gallery.map(({ name }) => name);
  }

  async read(item: number): Promise<{ width: number; height: number; bytes: Uint8Array }> {
    const drawing = this.#gallery[item];
    if (drawing === undefined) throw new RangeError(`the gallery has ${this.#gallery.length} drawings, and no ${item}`);
    const { file, width, height } = drawing;
    const response = await fetch(new URL(file, this.#base));
    if (!response.ok) throw new Error(`${drawing.name} cannot be had: ${response.status} ${response.statusText}`);
    return { width, height, bytes: new Uint8Array(await response.arrayBuffer()) };
  }
}
