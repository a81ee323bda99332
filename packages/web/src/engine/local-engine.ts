/**
 * LocalEngine: a generator in the thread that calls it. One image at a time, in the order in which they were asked for. Depends on
 * the styles of scene/ and on ONNX Runtime as runtime.ts describes it.
 */
import { UserError } from '../errors.js';
import type { ReadImage } from '../input/images.js';
import type { CallableRuntime, RuntimeTensor, Session } from '../runtime/runtime.js';
import { choosePlanes, featuresAt, styledIds, styledInstances } from '../scene/index.js';
import type { Engine, EngineInfo, ObjectStyles, Result, Scene } from './engine.js';
import { failureOfRuntime } from './runtime-failure.js';

export class LocalEngine implements Engine {
  readonly info: EngineInfo;
  readonly #runtime: CallableRuntime;
  readonly #generator: Session;
  readonly #encoder: Session | undefined;
  /** What was asked for last. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(info: EngineInfo, runtime: CallableRuntime, generator: Session, encoder: Session | undefined) {
    this.info = info;
    this.#runtime = runtime;
    this.#generator = generator;
    this.#encoder = encoder;
  }

  generate(scene: Scene, signal?: AbortSignal): Promise<Result> {
    return this.#inTurn(signal, async () => {
      const { width, height, label, instance, image } = scene;
      const size = [1, height, width];
      const style = await this.#planes(scene);
      const given: Record<string, RuntimeTensor | undefined> = {
        label: label && this.#tensor('int32', label, size),
        instance: instance && this.#tensor('int32', instance, size),
        image: image && this.#imageTensor(image),
        style: style && this.#tensor('float32', style, [1, style.length / (width * height), height, width]),
        seed: this.#tensor('int32', Int32Array.of(scene.noiseSeed ?? 0), []),
      };
      const { data, dims } = await this.#run(this.#generator, given, 'result', scene);
      return { width, height, channels: dims[3]!, data: data as Result['data'] };
    });
  }

  encodeStyles(scene: Scene, signal?: AbortSignal): Promise<ObjectStyles> {
    return this.#inTurn(signal, async () => {
      const planes = (await this.#planes(scene))!;
      const { channels, perClass } = this.info.facts.style!;
      return new Map(
        styledInstances(scene, perClass).map(instance => {
          const features = [...featuresAt(planes, instance, channels)];
          if (features.every(Number.isFinite)) return [instance.id, features];
          throw new UserError({
            code: 'FEATURES_UNSUITABLE',
            doing: 'taking the styles of an image',
            found: 'style features that are not finite',
            expected: 'numbers',
            remedy: 'the training has diverged: export an earlier checkpoint',
          });
        }),
      );
    });
  }

  async dispose(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#generator.release();
    await this.#encoder?.release();
  }

  /** (F, H, W); undefined for a network without styles. */
  async #planes(scene: Scene): Promise<Float32Array | undefined> {
    const { style } = scene;
    if (style === undefined) return undefined;
    if ('planes' in style) return style.planes;
    const { perClass, book } = this.info.facts.style!;
    if ('choices' in style) return choosePlanes(book!, style.choices, style.seed, scene, perClass);
    const { width, height } = scene;
    const ids = this.#tensor('int32', styledIds(scene, perClass), [1, height, width]);
    const given = { image: this.#imageTensor(style.image), ids };
    return (await this.#run(this.#encoder!, given, 'style', scene)).data as Float32Array;
  }

  #imageTensor({ width, height, channels, data }: ReadImage): RuntimeTensor {
    const type = data instanceof Uint8Array ? 'uint8' : 'float32';
    return this.#tensor(type, data, [1, height, width, channels]);
  }

  #tensor(type: string, data: ArrayBufferView, dims: readonly number[]): RuntimeTensor {
    return new this.#runtime.Tensor(type, data, dims);
  }

  /** One output of a network for one image. */
  async #run(
    session: Session,
    given: Readonly<Record<string, RuntimeTensor | undefined>>,
    output: string,
    { width, height }: Scene,
  ): Promise<RuntimeTensor> {
    const feeds = Object.fromEntries(session.inputNames.map(name => [name, given[name]]));
    try {
      return (await session.run(feeds, [output]))[output]!;
    } catch (cause) {
      throw failureOfRuntime(cause, 'computing an image', `${width}×${height} pixels`);
    }
  }

  /** ONNX Runtime computes one thing at a time. */
  #inTurn<T>(signal: AbortSignal | undefined, compute: () => Promise<T>): Promise<T> {
    const before = this.#last.catch(() => {});
    const done = before.then(() => {
      signal?.throwIfAborted();
      return compute();
    });
    this.#last = done;
    return done;
  }
}
