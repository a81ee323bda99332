/**
 * Reads the inputs of a generator: as in training, but one at a time, in order and at their own size. Depends on data.
 */
import type { TrainConfig } from '../config/schema.js';
import type { Sample } from '../data/find/pairs.js';
import { parseLabelMap } from '../data/labels/mapping.js';
import { IGNORE_LABEL, looksLikeMask } from '../data/labels/values.js';
import type { Batch } from '../data/load/batch.js';
import { Loader } from '../data/load/loader.js';
import type { SampleSpec } from '../data/load/sample.js';
import { parseRange, parseRanges } from '../data/values/range.js';

/** The options of a training by which its generator's inputs are read. */
export type InputConfig = Pick<
  TrainConfig,
  'labelNc' | 'labelMap' | 'inputNc' | 'outputNc' | 'inputRange' | 'outputRange'
>;

/** How inputs are prepared for a network of this configuration. */
export function inputSpec({ labelNc, labelMap, inputNc, outputNc, inputRange, outputRange }: InputConfig): SampleSpec {
  return {
    transform: { mode: 'none', loadSize: 1, fineSize: 1, multiple: 1, flip: false },
    labelNc,
    labelMap: parseLabelMap(labelMap),
    sourceChannels: inputNc,
    imageChannels: outputNc,
    alpha: 'drop',
    sourceRange: parseRanges(inputRange),
    imageRange: parseRange(outputRange),
  };
}

/** Inputs in order; worker threads decode ahead. To be closed, or declared with `await using`. */
export class InputReader implements AsyncDisposable {
  readonly #loader: Loader;
  readonly #config: InputConfig;
  readonly #onNotice: (notice: string) => void;
  #noticed = false;

  /** @param onNotice called with what was done to inputs that their owner may not expect, once for each kind. */
  constructor(samples: readonly Sample[], config: InputConfig, onNotice: (notice: string) => void = () => {}) {
    // Nothing is drawn: neither an order nor crops nor flips.
    const order = { batchSize: 1, seed: 0, shuffle: false, epochs: 1 };
    this.#loader = new Loader({ samples, spec: inputSpec(config), ...order, cacheBytes: 0, onNotice });
    this.#onNotice = onNotice;
    this.#config = config;
  }

  /**
   * Reads the sample of an index as a batch of one. To be called in the order of the samples.
   *
   * @throws UserError naming the file where it cannot be used; the next sample can be read all the same.
   */
  async read(index: number): Promise<Batch> {
    const batch = await this.#loader.batch(0, index);
    const notice = this.#noticed ? undefined : noticeOfMask(batch, this.#config);
    if (notice !== undefined) {
      this.#noticed = true;
      this.#onNotice(notice);
    }
    return batch;
  }

  /** Ends the worker threads. */
  close(): Promise<void> {
    return this.#loader.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What to say of a label map that holds a mask; undefined where it does not. */
export function noticeOfMask({ label }: Batch, { labelNc }: InputConfig): string | undefined {
  // 255 means "no class", though there are two classes that 0 and 255 could stand for.
  return labelNc > 1 && labelNc <= IGNORE_LABEL && looksLikeMask(label ?? []) ? maskNotice : undefined;
}

const maskNotice =
  'some label maps hold 0 and 255 alone, as masks do, but 255 means "no class": give the pixels of a class its own number';
