/**
 * A segmenter that is an ONNX model. Depends on its description, ONNX Runtime, data and torch.
 */
import { getThreads, scope, tensor } from '@pix2pixhd/torch';
import { resizeBicubic, resizeNearest } from '../../data/resize/resize.js';
import { reasonOf, UserError } from '../../errors.js';
import type { ImageRaster } from '../../raster.js';
import { classesOf, type Segmenter } from '../segmenter.js';
import { type OnnxDescription, readDescription } from './description.js';
import { loadOnnxRuntime, type OnnxRuntime, type OnnxSession, type OnnxTensor } from './runtime.js';

/** A model with its description. */
export class OnnxSegmenter implements Segmenter {
  readonly path: string;
  readonly files: readonly string[];
  readonly labelNc: number;
  readonly labelMap: string | null;
  readonly known: ReadonlySet<number>;
  readonly channels = 3;
  readonly protocol: string;
  readonly #description: OnnxDescription;
  readonly #runtime: OnnxRuntime;
  readonly #session: OnnxSession;
  readonly #input: string;
  readonly #output: string;

  private constructor(path: string, description: OnnxDescription, runtime: OnnxRuntime, session: OnnxSession) {
    this.path = path;
    this.files = [path, description.model];
    this.labelNc = description.labelNc;
    this.labelMap = description.labelMap;
    this.known = new Set(description.classes.filter(id => id !== null));
    this.protocol = protocolOf(description);
    this.#description = description;
    this.#runtime = runtime;
    this.#session = session;
    this.#input = nameAmong(session.inputNames, description.input.name, 'input', path);
    this.#output = nameAmong(session.outputNames, description.output.name, 'output', path);
  }

  /**
   * Loads a model by its description, to be run on the CPU, on as many threads as libtorch uses.
   *
   * @param folder the folder whose project may have ONNX Runtime.
   * @throws UserError naming the file at fault, or where ONNX Runtime is not installed.
   */
  static async load(path: string, folder: string): Promise<OnnxSegmenter> {
    const description = readDescription(path);
    const runtime = loadOnnxRuntime(folder);
    const options = {
      executionProviders: ['cpu'],
      intraOpNumThreads: getThreads(),
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    };
    let session: OnnxSession;
    try {
      session = await runtime.InferenceSession.create(description.model, options);
    } catch (cause) {
      throw unfit(description.model, reasonOf(cause).split('\n')[0]!, 'an ONNX model that ONNX Runtime loads', cause);
    }
    return new OnnxSegmenter(path, description, runtime, session);
  }

  async segment(image: ImageRaster, width: number, height: number): Promise<Int32Array> {
    const [w, h] = inputSize(this.#description, image);
    const values = packed(resizeBicubic(image, w, h), this.#description);
    const input = new this.#runtime.Tensor('float32', values, [1, 3, h, w]);
    let output: OnnxTensor;
    try {
      output = (await this.#session.run({ [this.#input]: input }, [this.#output]))[this.#output]!;
    } catch (cause) {
      throw unfit(
        this.#description.model,
        reasonOf(cause).split('\n')[0]!,
        `a model that takes (1, 3, ${h}, ${w}), as ${this.path} says`,
        cause,
      );
    }
    const found =
      this.#description.output.kind === 'logits'
        ? this.#ofLogits(output, width, height)
        : this.#ofIds(output, width, height);
    const { classes } = this.#description;
    return found.map(id => classes[id] ?? -1);
  }

  #ofLogits(output: OnnxTensor, width: number, height: number): Int32Array {
    const { type, dims, data } = output;
    const { length } = this.#description.classes;
    const expected = `logits (1, ${length}, h, w) in float32, a channel for each of the ${length} classes of ${this.path}`;
    if (type !== 'float32' || dims.length !== 4 || dims[0] !== 1 || dims[1] !== length)
      throw this.#unfitOutput(output, expected);
    return scope(() => classesOf(tensor(data as Float32Array, dims, { dtype: 'float32' }), width, height));
  }

  #ofIds(output: OnnxTensor, width: number, height: number): Int32Array {
    const { dims, data } = output;
    const { length } = this.#description.classes;
    const [h, w] = dims.slice(-2) as [number, number];
    if (dims.length < 3 || dims.length > 4 || dims.slice(0, -2).some(size => size !== 1))
      throw this.#unfitOutput(output, 'ids (1, h, w) or (1, 1, h, w)');
    const ids = Int32Array.from(data as ArrayLike<number>, Number);
    const outside = ids.find(id => !(id >= 0 && id < length));
    if (outside !== undefined)
      throw unfit(
        this.#description.model,
        `the class ${outside}`,
        `0 to ${length - 1}, the ${length} classes of ${this.path}`,
      );
    return resizeNearest({ width: w, height: h, channels: 1 as const, data: ids }, width, height).data;
  }

  #unfitOutput({ type, dims }: OnnxTensor, expected: string): UserError {
    return unfit(this.#description.model, `an output ${this.#output} of (${dims.join(', ')}) in ${type}`, expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

/** (3, H, W): the channels in the model's order, scaled and shifted as it says. One channel serves for three. */
function packed(image: ImageRaster, { input }: OnnxDescription): Float32Array {
  const { width, height, channels, data } = image;
  const full = data instanceof Uint8Array ? 255 : data instanceof Uint16Array ? 65535 : 1;
  const plane = width * height;
  const values = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    const from = channels === 1 ? 0 : input.channels === 'RGB' ? c : 2 - c;
    const [mean, std] = [input.mean[c]!, input.std[c]!];
    for (let i = 0; i < plane; i++) {
      const value = (data[i * channels + from]! / full) * input.white;
      values[c * plane + i] = (value - mean) / std;
    }
  }
  return values;
}

function inputSize({ input: { size } }: OnnxDescription, image: ImageRaster): readonly [number, number] {
  if (size === undefined) return [image.width, image.height];
  if (Array.isArray(size)) return size as [number, number];
  const { multipleOf } = size as { multipleOf: number };
  const side = (length: number) => Math.max(1, Math.round(length / multipleOf)) * multipleOf;
  return [side(image.width), side(image.height)];
}

function protocolOf({ input: { size }, output: { kind } }: OnnxDescription): string {
  const after = kind === 'logits' ? 'logits resized bilinearly' : 'ids resized by the nearest pixel';
  if (size === undefined) return `at the size of the label map; ${after} to it`;
  const at = Array.isArray(size)
    ? size.join('×')
    : `sides that are multiples of ${(size as { multipleOf: number }).multipleOf}`;
  return `at ${at}; ${after} to the label map`;
}

function nameAmong(
  names: readonly string[],
  wanted: string | undefined,
  kind: 'input' | 'output',
  path: string,
): string {
  if (wanted === undefined ? names.length === 1 : names.includes(wanted)) return wanted ?? names[0]!;
  throw unfit(
    path,
    wanted === undefined
      ? `a model of ${names.length} ${kind}s: ${names.join(', ')}`
      : `no ${kind} ${wanted} in the model, which has ${names.join(', ')}`,
    `the name of the model's ${kind}: {"${kind}": {"name": "${names[0]}"}}`,
  );
}

function unfit(where: string, found: string, expected: string, cause?: unknown): UserError {
  return new UserError(
    {
      code: 'SEGMENTER_UNSUITABLE',
      doing: 'running an ONNX segmenter',
      where,
      found,
      expected,
      remedy: 'correct the description, or give the model that it describes; docs/segmentation.md has examples',
    },
    { cause },
  );
}
