/**
 * Batches of two folders without pairs: a loader for each, side by side. Depends on the loader and the samples' type.
 */
import type { Sample } from '../find/pairs.js';
import type { BatchSource, UnpairedBatch } from './batch-source.js';
import { Loader, type LoaderOptions } from './loader.js';

/** Samples of two domains. */
export interface Domains {
  readonly a: readonly Sample[];
  readonly b: readonly Sample[];
}

/** Of samples without pairs, those with an input image and those with a target image. */
export function domainsOf(samples: readonly Sample[]): Domains {
  return {
    a: samples.filter(({ source }) => source !== undefined),
    b: samples.filter(({ image }) => image !== undefined),
  };
}

/** The second domain draws by a seed of its own, so that neither order nor crops nor flips go with those of the first. */
const secondSeed = 0x5eed_b000;

/**
 * Gives out batches of both domains. An epoch shows every image of the larger one once; the smaller one goes round as often as that
 * takes, in a new order each time. As with a {@link Loader} a batch depends on samples, options, epoch and number alone.
 */
export class UnpairedLoader implements BatchSource<UnpairedBatch> {
  readonly #a: Loader;
  readonly #b: Loader;

  /** @param options as for a loader of both; the workers are shared out. */
  constructor({ a, b }: Domains, options: Omit<LoaderOptions, 'samples' | 'epochs'>) {
    const workers = options.workers === undefined ? {} : { workers: Math.ceil(options.workers / 2) };
    this.#a = new Loader({ ...options, ...workers, samples: a });
    this.#b = new Loader({ ...options, ...workers, samples: b, seed: options.seed + secondSeed });
  }

  get batchesPerEpoch(): number {
    return Math.max(this.#a.batchesPerEpoch, this.#b.batchesPerEpoch);
  }

  async *epoch(epoch: number, startBatch = 0): AsyncGenerator<UnpairedBatch, void, void> {
    for (let number = startBatch; number < this.batchesPerEpoch; number++) {
      const place = (epoch - 1) * this.batchesPerEpoch + number;
      const [a, b] = await Promise.all([batchAt(this.#a, place), batchAt(this.#b, place)]);
      yield { a, b };
    }
  }

  release({ a, b }: UnpairedBatch): void {
    this.#a.release(a);
    this.#b.release(b);
  }

  async close(): Promise<void> {
    await Promise.all([this.#a.close(), this.#b.close()]);
  }
}

/** The batch at a place, counted from 0 over all the loader's own epochs. */
function batchAt(loader: Loader, place: number) {
  const { batchesPerEpoch } = loader;
  return loader.batch(1 + Math.floor(place / batchesPerEpoch), place % batchesPerEpoch);
}
