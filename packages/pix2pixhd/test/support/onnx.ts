/**
 * ONNX files of networks with fresh weights, and ONNX Runtime to run them: onnxruntime-web, which is WebAssembly in Node as well.
 * Depends on the exporter.
 */
import { nn, noGrad, ops, RandomGenerator, scope } from '@pix2pixhd/torch';
import * as ort from 'onnxruntime-web';
import type { Compute } from '../../src/compute/choose-compute.js';
import type { Condition } from '../../src/conditioning/condition.js';
import { type TrainConfig, trainSchema } from '../../src/config/schema.js';
import { ImageGenerator } from '../../src/inference/image-generator.js';
import { buildEncoder, buildGenerator, conditionChannels, usesFeatures } from '../../src/networks/build.js';
import { generatorModel, type OnnxExport } from '../../src/onnx/export-onnx.js';
import type { WeightStorage } from '../../src/onnx/weights.js';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const compute: Compute = { device: 'cpu', precision: 'fp32', dtype: 'float32', memory: 'contiguous' };

/** A generator of fresh weights; batch norm has seen some batches. Its results are in [-1, 1] unless the options say otherwise. */
export function freshGenerator(options: Partial<TrainConfig>): { generator: ImageGenerator; config: TrainConfig } {
  const values = { outputRange: '-1,1', outputDepth: 'float' } as const;
  const config = trainSchema.parse({ dataroot: 'data', name: 'fresh', ...values, ...options });
  const network = buildGenerator(config);
  const encoder = buildEncoder(config);
  for (const each of [network, encoder]) if (each !== undefined) settle(each, channelsOf(config, each === encoder));
  return { generator: new ImageGenerator(network, config, compute, encoder), config };
}

function channelsOf(config: TrainConfig, ofEncoder: boolean): number {
  return ofEncoder ? config.outputNc : conditionChannels(config) + (usesFeatures(config) ? config.featNum : 0);
}

/** Gives batch norm statistics that are not those of a fresh network. */
function settle(network: nn.Module, channels: number): void {
  if (![...network.modules()].some(layer => layer instanceof nn.BatchNorm2d)) return;
  const random = new RandomGenerator(6);
  for (let i = 0; i < 20; i++)
    noGrad(() =>
      scope(() => network.forward(ops.uniformInPlace(ops.empty([2, channels, 64, 64]), -1, 1, { generator: random }))),
    );
}

/** What the exporter takes. */
export function toExport(generator: ImageGenerator, config: TrainConfig, storage: WeightStorage = 'fp32'): OnnxExport {
  const missing = { book: undefined, classes: undefined, licence: undefined };
  return { generator, config, storage, step: 0, version: '0', ...missing };
}

/** Runs an ONNX file. @returns the outputs that are asked for. */
export async function runOnnx(
  file: Uint8Array,
  inputs: Readonly<Record<string, ort.Tensor>>,
  outputs: readonly string[],
): Promise<Readonly<Record<string, ort.Tensor>>> {
  const session = await ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
  try {
    return await session.run(inputs, outputs);
  } finally {
    await session.release();
  }
}

/** A condition as the inputs of an ONNX file. @param source of images, in [0, 255] and interleaved. */
export function onnxInputs(condition: Condition, source?: Uint8Array | Float32Array): Record<string, ort.Tensor> {
  const { images, height, width, label, instance, styleFeatures, sourceChannels } = condition;
  const map = (ids: Int32Array) => new ort.Tensor('int32', ids, [images, height, width]);
  return {
    ...(label && { label: map(label) }),
    ...(instance && { instance: map(instance) }),
    ...(source && { image: imageTensor(source, [images, height, width, sourceChannels!]) }),
    ...(styleFeatures && {
      style: new ort.Tensor('float32', styleFeatures, [
        images,
        styleFeatures.length / (images * height * width),
        height,
        width,
      ]),
    }),
  };
}

/** Pixels as a tensor of their type. */
export function imageTensor(pixels: Uint8Array | Float32Array, dims: readonly number[]): ort.Tensor {
  return pixels instanceof Uint8Array ? new ort.Tensor('uint8', pixels, dims) : new ort.Tensor('float32', pixels, dims);
}

/** The largest difference between what a network makes here and what its ONNX file makes of the same, in units of [-1, 1]. */
export async function largestOnnxDifference(
  options: Partial<TrainConfig>,
  condition: Condition,
  source?: Uint8Array | Float32Array,
  storage: WeightStorage = 'fp32',
): Promise<number> {
  const { generator, config } = freshGenerator(options);
  using own = generator;
  const file = generatorModel(toExport(own, config, storage));
  const images = own.generate(condition);
  const { result } = await runOnnx(file, onnxInputs(condition, source), ['result']);
  const expected = Float32Array.from(images.flatMap(({ data }) => [...data]));
  return maxDifference(result!.data as Float32Array, expected);
}

/** The largest absolute difference; infinite where lengths differ, NaN where either holds one. */
export function maxDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= most)) most = difference;
  }
  return most;
}

/** Interleaved 8-bit pixels as planes in [-1, 1]. */
export function planar(source: Uint8Array, images: number, size: number, channels: number): Float32Array {
  const planes = new Float32Array(source.length);
  for (let i = 0; i < images; i++)
    for (let p = 0; p < size; p++)
      for (let c = 0; c < channels; c++)
        planes[(i * channels + c) * size + p] = (source[(i * size + p) * channels + c]! / 255) * 2 - 1;
  return planes;
}
