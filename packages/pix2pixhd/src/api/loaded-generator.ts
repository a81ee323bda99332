/**
 * LoadedGenerator: a trained generator as a program uses it: inputs of many kinds in, images out, one or many. Depends on the
 * engine's interface, requests and generated images.
 */
import type { Engine, GeneratorInfo, ObjectStyles } from './engine.js';
import { GeneratedImage } from './generated-image.js';
import type { ImageInput } from './image-input.js';
import {
  type EncodeStylesOptions,
  type GenerateOptions,
  type GenerateRequest,
  type LabelledScene,
  plainRequest,
} from './request.js';

/** How {@link LoadedGenerator.generateMany} works through its inputs. */
export interface GenerateManyOptions {
  /**
   * Inputs computed at a time, where as many of one size follow each other; default 1. More take more memory, and save time on
   * small images only.
   */
  readonly batchSize?: number | undefined;
  /** Aborted, the iteration throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Groups of inputs that are read or computed at a time: the next one is decoded while one is computed. */
const GROUPS_AT_A_TIME = 2;

/**
 * A trained generator, loaded by {@link loadGenerator}. To be disposed of, or declared with `await using`.
 *
 * @example
 * ```ts
 * await using generator = await loadGenerator('checkpoints/city');
 * const { labelNc, outputChannels, needsInstances, styles } = generator.info;
 * console.log(labelNc, outputChannels, needsInstances, styles);
 * ```
 */
export class LoadedGenerator implements AsyncDisposable {
  /** What it takes and makes. */
  readonly info: GeneratorInfo;
  readonly #engine: Engine;
  readonly #running = new Set<Promise<unknown>>();
  #disposed = false;

  /** @internal {@link loadGenerator} makes them. */
  constructor(engine: Engine) {
    this.info = engine.info;
    this.#engine = engine;
  }

  /**
   * Generates the image of one input, of exactly its size: sides that the network cannot take are padded by reflection, and the
   * surplus is cut off.
   *
   * @param input a label map, or where `info.labelNc` is 0 an image; or `{ label, instances, style }` in one object. It is not changed.
   * @throws UserError naming the input that cannot be used, and what to do; TypeError where an argument is not of its type; the
   *   signal's reason.
   *
   * @example
   * ```ts
   * await using generator = await loadGenerator('checkpoints/city');
   * const fromFiles = await generator.generate('label.png', { instances: 'inst.png' });
   *
   * const [width, height] = [64, 32];
   * const label = { width, height, data: new Uint8Array(width * height).fill(2) };
   * const instances = { width, height, data: new Uint16Array(width * height).fill(2) };
   * const fromPixels = await generator.generate(label, { instances });
   * console.log(fromFiles.width, fromPixels.data.length);
   * ```
   */
  generate(scene: LabelledScene): Promise<GeneratedImage>;
  generate(input: ImageInput, options?: GenerateOptions): Promise<GeneratedImage>;
  async generate(first: ImageInput | LabelledScene, options: GenerateOptions = {}): Promise<GeneratedImage> {
    const { signal, ...request } = isScene(first) ? requestOf(first) : { input: first, ...options };
    const [image] = await this.#generate([request], signal);
    return image!;
  }

  /**
   * Generates the images of many inputs, in their order: a list, or anything that can be iterated, also asynchronously. Inputs
   * are taken one group ahead; leaving the loop takes no more.
   *
   * @throws What {@link generate} throws, for the first input that cannot be used; RangeError for a batch size below 1.
   *
   * @example
   * ```ts
   * await using generator = await loadGenerator('checkpoints/city');
   * const scenes = ['0.png', '1.png'].map(name => ({
   *   input: `data/city/test_label/${name}`,
   *   instances: `data/city/test_inst/${name}`,
   * }));
   * let number = 0;
   * for await (const image of generator.generateMany(scenes, { batchSize: 2 })) await image.save(`out/${number++}.png`);
   * ```
   */
  async *generateMany(
    inputs: Iterable<ImageInput | GenerateRequest> | AsyncIterable<ImageInput | GenerateRequest>,
    { batchSize = 1, signal }: GenerateManyOptions = {},
  ): AsyncGenerator<GeneratedImage, void, undefined> {
    if (!Number.isSafeInteger(batchSize) || batchSize < 1)
      throw new RangeError(`batchSize: expected a whole number from 1 on, found ${batchSize}`);
    const leave = new AbortController();
    const stop = signal === undefined ? leave.signal : AbortSignal.any([signal, leave.signal]);
    const groups = inGroups(inputs, batchSize);
    const running: Promise<GeneratedImage[]>[] = [];
    let next: Promise<IteratorResult<GenerateRequest[]>> | undefined = quiet(groups.next());
    try {
      while (next !== undefined || running.length > 0) {
        signal?.throwIfAborted();
        const first = running[0];
        const isFull = next === undefined || running.length >= GROUPS_AT_A_TIME;
        // An input that comes late must not hold back the images of those before it.
        const isImages: boolean =
          first !== undefined &&
          (isFull || (await untilAborted(Promise.race([next!.then(no, no), first.then(yes, yes)]), signal)));
        if (isImages) {
          yield* await untilAborted(running.shift()!, signal);
          continue;
        }
        const result: IteratorResult<GenerateRequest[]> = await untilAborted(next!, signal);
        next = result.done ? undefined : quiet(groups.next());
        if (!result.done) running.push(quiet(this.#generate(result.value, stop)));
      }
    } finally {
      leave.abort();
      // Not awaited where an input is awaited still: that may be for ever.
      const returned = quiet(groups.return(undefined));
      if (next === undefined) await returned;
    }
  }

  /**
   * The style features that the encoder finds in an image, object by object: what the style `{ image }` of {@link generate}
   * takes. They can be given to other objects, as choices of styles.
   *
   * @param image a photo, as large as the maps. With maps of one id, all of it is one object.
   * @returns by instance id, or where `info.styles.per` is `'class'` by class; `info.styles.channels` numbers in [-1, 1] each.
   * @throws What {@link generate} throws; UserError where the network has no encoder (`info.styles.fromImages`).
   *
   * @example
   * ```ts
   * await using generator = await loadGenerator('checkpoints/styled'); // trained and encoded as the example of encode has it
   * const found = await generator.encodeStyles('photo.png', { input: 'label.png', instances: 'inst.png' });
   * const [look] = found.values();
   * const style = { choices: { default: look! } };
   * const image = await generator.generate('label.png', { instances: 'inst.png', style });
   * await image.save('out/all-alike.png');
   * ```
   */
  async encodeStyles(image: ImageInput, { signal, ...maps }: EncodeStylesOptions): Promise<ObjectStyles> {
    return this.#run(async () => this.#engine.encodeStyles(await plainRequest({ ...maps, style: { image } })), signal);
  }

  #generate(requests: readonly GenerateRequest[], signal: AbortSignal | undefined): Promise<GeneratedImage[]> {
    return this.#run(async () => {
      const plain = await Promise.all(requests.map(plainRequest));
      const images = await this.#engine.generate(plain, signal);
      return images.map(image => new GeneratedImage(image));
    }, signal);
  }

  async #run<T>(compute: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.#disposed) throw new Error('the generator is disposed');
    const running = quiet(compute());
    this.#running.add(running);
    try {
      return await untilAborted(running, signal);
    } finally {
      this.#running.delete(running);
    }
  }

  /**
   * Frees the networks, or ends the thread, once the images that were asked for are made. It cannot be used afterwards. May be
   * called again.
   */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.allSettled(this.#running);
    await this.#engine.dispose();
  }

  /** {@link dispose}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

const yes = () => true;
const no = () => false;

async function* inGroups(
  inputs: Iterable<ImageInput | GenerateRequest> | AsyncIterable<ImageInput | GenerateRequest>,
  size: number,
): AsyncGenerator<GenerateRequest[], void, undefined> {
  let group: GenerateRequest[] = [];
  for await (const input of inputs) {
    group.push(isRequest(input) ? input : { input });
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function isRequest(input: ImageInput | GenerateRequest): input is GenerateRequest {
  return typeof input === 'object' && 'input' in input;
}

function isScene(input: ImageInput | LabelledScene): input is LabelledScene {
  return typeof input === 'object' && input !== null && 'label' in input;
}

function requestOf({ label, ...options }: LabelledScene): GenerateRequest & GenerateOptions {
  return { input: label, ...options };
}

/** The promise itself; its failure is dealt with when it is awaited, if it is. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** The promise, or the reason of a signal that is aborted before it is settled. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let onAbort: () => void = () => {};
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        onAbort = () => reject(signal.reason);
        if (signal.aborted) onAbort();
        else signal.addEventListener('abort', onAbort, { once: true });
      }),
    ]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    quiet(promise);
  }
}
