/**
 * LocalEngine: a generator in the thread that calls it. Depends on inference, the styles and read-request.ts.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  choosePlanes,
  featuresAt,
  type StyleBook,
  type StyleChoices,
  sameForAll,
  styledInstances,
} from '@pix2pixhd/web/scene';
import { conditionOf } from '../conditioning/condition.js';
import type { TrainConfig } from '../config/schema.js';
import { type Batch, makeBatch } from '../data/load/batch.js';
import { type Advice, UserError } from '../errors.js';
import type { ImageGenerator } from '../inference/image-generator.js';
import { inputSpec, noticeOfMask } from '../inference/input-reader.js';
import type { OpenedGenerator } from '../interop/open-generator.js';
import { usesBoundary } from '../networks/build.js';
import { leastSide, sizeMultiple } from '../networks/sizes.js';
import type { SynthesizedImage } from '../raster.js';
import { parseStyleChoices, readStyleChoices } from '../styles/files/style-choices-file.js';
import type { Engine, GeneratorInfo, ObjectStyles } from './engine.js';
import { readFeatures, readRequest } from './read-request.js';
import type { PlainRequest, PlainStyle } from './request.js';

/** A request that is ready to be computed. */
interface Ready {
  readonly batch: Batch;
  /** (featNum, H, W). */
  readonly styleFeatures: Float32Array | undefined;
}

/** Generates in this thread, which is blocked while the networks compute. */
export class LocalEngine implements Engine {
  readonly info: GeneratorInfo;
  readonly #generator: ImageGenerator;
  readonly #config: TrainConfig;
  readonly #book: StyleBook | undefined;
  readonly #onNotice: (notice: string) => void;
  readonly #noticed = new Set<string>();
  #disposed = false;
  /** The request at hand: images come in the order in which they were asked for. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(opened: OpenedGenerator, onNotice: (notice: string) => void = () => {}) {
    if (opened.config.inputs !== null) throw severalInputs(opened);
    this.#generator = opened.generator;
    this.#config = opened.config;
    this.#book = opened.book;
    this.#onNotice = onNotice;
    this.info = infoOf(opened);
  }

  async generate(requests: readonly PlainRequest[], signal?: AbortSignal): Promise<SynthesizedImage[]> {
    // Files are read while an earlier request is computed.
    const reading = Promise.all(requests.map(request => this.#read(request)));
    return this.#inTurn(reading, read => this.#generateAll(read, signal));
  }

  async encodeStyles(request: PlainRequest): Promise<ObjectStyles> {
    return this.#inTurn(this.#read(request), ([batch]) => {
      const planes = this.#encoded(batch);
      const { featNum, labelFeat } = this.#config;
      return new Map(
        styledInstances(batch, labelFeat).map(instance => {
          const features = [...featuresAt(planes, instance, featNum)];
          if (!features.every(Number.isFinite)) throw notFinite(batch, this.info.file);
          return [instance.id, features];
        }),
      );
    });
  }

  /** Computes what was read, after all that was asked for before. */
  #inTurn<R, T>(reading: Promise<R>, compute: (read: R) => T | Promise<T>): Promise<T> {
    const before = this.#last;
    const done = (async () => {
      const [read] = await Promise.all([reading, before.catch(() => {})]);
      return compute(read);
    })();
    this.#last = done;
    return done.catch((error: unknown) => {
      throw inWordsOfTheApi(error, this.info.file);
    });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#last.catch(() => {});
    this.#generator.dispose();
  }

  async #read(request: PlainRequest): Promise<readonly [Batch, PlainRequest]> {
    this.#checkMaps(request);
    const { batch, notices } = await readRequest(request, this.#config);
    for (const notice of [...notices, noticeOfMask(batch, this.#config) ?? '']) this.#notice(notice);
    return [batch, request];
  }

  async #generateAll(
    read: readonly (readonly [Batch, PlainRequest])[],
    signal?: AbortSignal,
  ): Promise<SynthesizedImage[]> {
    const images: SynthesizedImage[] = [];
    for (let start = 0; start < read.length; ) {
      // A turn of the event loop, in which alone an abort is seen.
      await nextTurn();
      signal?.throwIfAborted();
      const [first] = read[start]!;
      const following = read.slice(start);
      const other = following.findIndex(([{ width, height }]) => width !== first.width || height !== first.height);
      const group = other < 0 ? following : following.slice(0, other);
      const ready = group.map(([batch, request]) => ({ batch, styleFeatures: this.#styleFeatures(batch, request) }));
      images.push(...this.#generator.generateBatch(stack(ready, this.#config), concat(ready)));
      start += group.length;
    }
    return images;
  }

  /** (featNum, H, W), as the request asks; undefined for a network without styles. */
  #styleFeatures(batch: Batch, { style, features }: PlainRequest): Float32Array | undefined {
    const { featNum, labelFeat } = this.#config;
    if (!this.#generator.takesStyles) {
      if (style === undefined && features === undefined) return undefined;
      throw this.#unusableStyle('NO_ENCODER', {
        found: `${style === undefined ? 'features' : 'a style'} for a network without styles`,
        expected: 'one that was trained with styles: instanceFeat or labelFeat',
        remedy: 'leave it out: info.styles is null for this generator',
      });
    }
    if (features !== undefined && style !== undefined)
      throw this.#unusableStyle('OPTION_CONFLICT', {
        found: 'a style and features',
        expected: 'one of them',
        remedy: 'leave one out',
      });
    if (features !== undefined) return readFeatures(features, featNum, batch);
    if (isOfImage(style)) return this.#encoded(batch);
    if (this.#book === undefined) throw this.#withoutClusters();
    const { choices, seed } = choicesOf(style ?? { seed: 0 }, featNum);
    return choosePlanes(this.#book, choices, seed, batch, labelFeat);
  }

  #encoded(batch: Batch): Float32Array {
    if (this.#generator.hasEncoder) return this.#generator.encodeStyles(batch.image!, conditionOf(batch));
    throw this.#unusableStyle('NO_ENCODER', {
      found: 'the style of an image, and a network without encoder',
      expected: 'another kind of style, or features',
      remedy: 'see info.styles for what this generator takes',
    });
  }

  #withoutClusters(): UserError {
    return this.#unusableStyle('STYLES_MISSING', {
      found: 'a network that takes styles, and none in its file',
      expected: 'the clusters that encode stores in a checkpoint',
      remedy: `run pix2pixhd encode once${this.#generator.hasEncoder ? ', or give { image } as the style' : ''}, or give features`,
    });
  }

  #unusableStyle(
    code: 'NO_ENCODER' | 'OPTION_CONFLICT' | 'STYLES_MISSING',
    parts: { readonly found: string; readonly expected: string; readonly remedy: string },
  ): UserError {
    return new UserError({ code, doing: 'choosing the style', where: this.info.file, ...parts });
  }

  #checkMaps({ instances }: PlainRequest): void {
    if (instances !== undefined || !this.info.needsInstances) return;
    throw new UserError({
      code: 'PARTNER_MISSING',
      doing: 'reading the input of a generator',
      where: this.info.file,
      found: 'no instance map',
      expected: 'one for every label map: the network was trained with them',
      remedy: "give it as an option: generate('label.png', { instances: 'inst.png' })",
    });
  }

  #notice(notice: string): void {
    if (notice === '' || this.#noticed.has(notice)) return;
    this.#noticed.add(notice);
    this.#onNotice(notice);
  }
}

function infoOf({ file, step, config, compute, generator, book, classes }: OpenedGenerator): GeneratorInfo {
  const centres = [...(book?.classes ?? [])].map(
    ([id, { clusters }]) => [id, clusters.map(({ centre }) => [...centre])] as const,
  );
  return {
    file,
    step,
    device: compute.device,
    precision: compute.precision,
    labelNc: config.labelNc,
    classes: classes ?? null,
    inputChannels: config.labelNc > 0 ? 1 : config.inputNc,
    outputChannels: config.outputNc,
    needsInstances: usesBoundary(config),
    sizeMultiple: sizeMultiple(config),
    leastSide: leastSide(config),
    styles: generator.takesStyles
      ? {
          per: config.labelFeat ? 'class' : 'instance',
          channels: config.featNum,
          clusters: new Map(centres.map(([id, list]) => [id, list.length])),
          centres: new Map(centres),
          fromImages: generator.hasEncoder,
        }
      : null,
  };
}

function notFinite({ stems }: Batch, file: string): UserError {
  return new UserError({
    code: 'FEATURES_UNSUITABLE',
    doing: 'taking the styles of an image',
    where: stems[0]!,
    found: 'style features that are not finite',
    expected: 'numbers',
    remedy: `the training of ${file} has diverged: load an earlier checkpoint, or with precision: 'fp32'`,
  });
}

function isOfImage(style: PlainStyle | undefined): boolean {
  return style !== undefined && style !== 'mean' && 'image' in style;
}

function choicesOf(style: PlainStyle, featNum: number): { readonly choices: StyleChoices; readonly seed: number } {
  if (style === 'mean') return { choices: sameForAll('mean'), seed: 0 };
  if ('cluster' in style) {
    checkCount('cluster', style.cluster);
    return { choices: sameForAll({ cluster: style.cluster }), seed: 0 };
  }
  if ('choices' in style) {
    const { choices, seed = 0 } = style;
    checkCount('seed', seed);
    const read =
      typeof choices === 'string'
        ? readStyleChoices(choices, featNum)
        : parseStyleChoices(JSON.stringify(choices), 'style.choices', featNum);
    return { choices: read, seed };
  }
  if ('seed' in style) {
    checkCount('seed', style.seed);
    return { choices: sameForAll('random'), seed: style.seed };
  }
  throw new TypeError(
    `style: expected 'mean', { seed }, { cluster }, { image } or { choices }, found ${String(style)}`,
  );
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`style.${name}: expected a whole number from 0 on, found ${value}`);
}

/** The inputs of one size as one batch. */
function stack(ready: readonly Ready[], config: TrainConfig): Batch {
  const [only] = ready;
  if (ready.length === 1) return only!.batch;
  const stems = ready.flatMap(({ batch }) => batch.stems);
  const arrays = ready.map(({ batch }) => ({ ...batch, notices: [] }));
  return makeBatch(stems, arrays, inputSpec(config));
}

/** (N, featNum, H, W). */
function concat(ready: readonly Ready[]): Float32Array | undefined {
  const planes = ready.flatMap(({ styleFeatures }) => styleFeatures ?? []);
  if (planes.length < 2) return planes[0];
  const all = new Float32Array(planes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of planes) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}

/** Remedies for a program, where the words of the modules below are those of the command line. */
const remedies: { readonly [K in Advice['kind']]?: (advice: Extract<Advice, { kind: K }>, file: string) => string } = {
  'more-classes': ({ classes }, file) =>
    `correct the map, or load a generator of more classes: ${file} was trained with ${classes} (labelNc)`,
  channels: ({ wanted }, file) =>
    `convert the image to ${wanted === 1 ? 'one channel' : `${wanted} channels`}, or load a generator that was trained for such images, not ${file}`,
  'feature-map': () => 'write it again: pix2pixhd encode --write-features',
  'no-memory': () => "give smaller images or a smaller batchSize, or load the generator with precision: 'bf16'",
};

function inWordsOfTheApi(error: unknown, file: string): unknown {
  if (!(error instanceof UserError) || error.parts.advice === undefined) return error;
  const { advice } = error.parts;
  const remedy = remedies[advice.kind] as ((advice: Advice, file: string) => string) | undefined;
  return remedy === undefined ? error : error.withRemedy(remedy(advice, file));
}

/** A program hands over one image. */
function severalInputs({ file, config, generator }: OpenedGenerator): UserError {
  generator.dispose();
  return new UserError({
    code: 'CHECKPOINT_UNSUITABLE',
    doing: 'loading a generator',
    where: file,
    found: `a network of several inputs (${config.inputs})`,
    expected: 'one input: a label map, or an image',
    remedy: 'generate from a data set with pix2pixhd generate --dataroot',
  });
}
