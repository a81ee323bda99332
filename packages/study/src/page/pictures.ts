/** The images of trials, loaded and decoded before they are needed. Depends on the client and the browser. */
import type { Trial } from '../protocol/index.js';
import type { Client } from './client.js';

/** The images of a trial, decoded. */
export interface Pictures {
  readonly a: ImageBitmap;
  readonly b: ImageBitmap;
  readonly label: ImageBitmap | undefined;
}

/** Loads those of a trial, and those of the next one meanwhile. */
export class PictureLoader {
  readonly #client: Client;
  readonly #trials: readonly Trial[];
  readonly #loading = new Map<number, Promise<Pictures>>();

  constructor(client: Client, trials: readonly Trial[]) {
    this.#client = client;
    this.#trials = trials;
  }

  /** The images of a trial, ready to be drawn. */
  of(number: number): Promise<Pictures> {
    const pictures = this.#load(number);
    // Those that were shown are freed; the next ones are fetched while these are looked at.
    for (const [other, loading] of this.#loading)
      if (other < number) {
        this.#loading.delete(other);
        void loading.then(free);
      }
    void pictures.then(() => {
      if (number + 1 < this.#trials.length) void this.#load(number + 1);
    });
    return pictures;
  }

  #load(number: number): Promise<Pictures> {
    const known = this.#loading.get(number);
    if (known !== undefined) return known;
    const { a, b, label } = this.#trials[number]!;
    const loading = Promise.all([a, b, label].map(address => this.#decode(address))).then(([a, b, label]) => ({
      a: a!,
      b: b!,
      label,
    }));
    this.#loading.set(number, loading);
    return loading;
  }

  async #decode(address: string | undefined): Promise<ImageBitmap | undefined> {
    return address === undefined ? undefined : createImageBitmap(await this.#client.image(address));
  }
}

function free({ a, b, label }: Pictures): void {
  for (const bitmap of [a, b, label]) bitmap?.close();
}
