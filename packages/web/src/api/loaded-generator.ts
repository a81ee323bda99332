/** LoadedGenerator: a trained generator as a program uses it. Depends on the engine's interface and on requests. */
import type { Engine, ObjectStyles } from '../engine/engine.js';
import type { ImageInput } from '../input/image-input.js';
import { looksLikeMask } from '../scene/index.js';
import { GeneratedImage } from './generated-image.js';
import { type GeneratorInfo, infoOf } from './info.js';
import { readRequest } from './read-request.js';
import type { EncodeStylesOptions, GenerateOptions, GenerateRequest } from './request.js';

const maskNotice =
  'a label map holds 0 and 255 alone, as masks do, but 255 means "no class": give the pixels of a class its own number';

/** A trained generator, loaded by {@link loadGenerator}. To be disposed of, or declared with `await using`. */
export class LoadedGenerator implements AsyncDisposable {
  /** What it takes and makes. */
  readonly info: GeneratorInfo;
  readonly #engine: Engine;
  readonly #onNotice: (notice: string) => void;
  readonly #running = new Set<Promise<unknown>>();
  #noticed = false;
  #disposed: Promise<void> | undefined;

  /** @internal {@link loadGenerator} makes them. */
  constructor(engine: Engine, onNotice: (notice: string) => void = () => {}) {
    this.info = infoOf(engine.info);
    this.#engine = engine;
    this.#onNotice = onNotice;
  }

  /**
   * Generates the image of one input, of exactly its size: `generate({ label, instances, style })`, or as `pix2pixhd` has it
   * `generate(label, { instances, style })`.
   *
   * @throws UserError naming the input that cannot be used, and what to do; TypeError where an argument is not of its type; the
   *   signal's reason.
   */
  generate(request: GenerateRequest): Promise<GeneratedImage>;
  generate(input: ImageInput, options?: GenerateOptions): Promise<GeneratedImage>;
  generate(first: GenerateRequest | ImageInput, options: GenerateOptions = {}): Promise<GeneratedImage> {
    const request = isRequest(first) ? first : { input: first, ...options };
    const { signal } = request;
    return this.#run(async () => {
      const scene = await readRequest(request, this.#engine.info, this.info);
      if (!this.#noticed && this.info.labelNc > 1 && this.info.labelNc <= 255 && looksLikeMask(scene.label ?? [])) {
        this.#noticed = true;
        this.#onNotice(maskNotice);
      }
      return new GeneratedImage(await this.#engine.generate(scene, signal), this.#engine.info.facts.output);
    }, signal);
  }

  /**
   * Generates the images of many inputs, in their order: a list, or anything that can be iterated, also asynchronously. Inputs are
   * taken one at a time.
   *
   * @throws What {@link generate} throws, for the first input that cannot be used.
   */
  async *generateMany(
    inputs: Iterable<ImageInput | GenerateRequest> | AsyncIterable<ImageInput | GenerateRequest>,
    { signal }: Pick<GenerateOptions, 'signal'> = {},
  ): AsyncGenerator<GeneratedImage, void, undefined> {
    for await (const input of inputs) {
      const request = isRequest(input) ? input : { input };
      const signals = [signal, request.signal].filter(each => each !== undefined);
      yield await this.generate({ ...request, ...(signals.length > 0 && { signal: AbortSignal.any(signals) }) });
    }
  }

  /**
   * The style features that the encoder finds in an image, object by object: what the style `{ image }` of {@link generate} takes. They
   * can be given to other objects, as choices of styles.
   *
   * @param image a photo, as large as the maps.
   * @returns by instance id, or where `info.styles.per` is `'class'` by class; `info.styles.channels` numbers in [-1, 1] each.
   * @throws What {@link generate} throws; UserError where no encoder was given (`info.styles.fromImages`).
   */
  encodeStyles(image: ImageInput, { signal, ...maps }: EncodeStylesOptions): Promise<ObjectStyles> {
    return this.#run(async () => {
      const scene = await readRequest({ ...maps, style: { image }, signal }, this.#engine.info, this.info);
      return this.#engine.encodeStyles(scene, signal);
    }, signal);
  }

  /** Frees the network, or ends its worker, once the images that were asked for are made. May be called again. */
  dispose(): Promise<void> {
    this.#disposed ??= Promise.allSettled(this.#running).then(() => this.#engine.dispose());
    return this.#disposed;
  }

  /** {@link dispose}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #run<T>(compute: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.#disposed !== undefined) throw new Error('the generator is disposed');
    const running = compute();
    running.catch(() => {});
    this.#running.add(running);
    try {
      return await untilAborted(running, signal);
    } finally {
      // It goes on where it was aborted: the network is freed when it is done.
      running.finally(() => this.#running.delete(running)).catch(() => {});
    }
  }
}

function isRequest(input: ImageInput | GenerateRequest): input is GenerateRequest {
  return typeof input === 'object' && ('input' in input || 'label' in input);
}

/** The promise, or the reason of a signal that is aborted before it is settled. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
