/**
 * `onnx/`: trained networks as ONNX files, which run without libtorch. A file is the whole of generating as one graph, for images of
 * any size: maps and images as users have them go in, an image as files have it comes out.
 *
 * This file makes the files of a generator and of its encoder. Depends on the graphs, networks and torch.
 */
import { type nn, type Tensor, tensor, zeros } from '@pix2pixhd/torch';
import { UserError } from '../errors.js';
import type { ImageGenerator } from '../inference/image-generator.js';
import { asInTraining } from '../inference/noise.js';
import { outputScale } from '../inference/to-images.js';
import { conditionChannels, usesFeatures } from '../networks/build.js';
import { type ConditionShape, conditionNodes, imageNodes } from './condition-graph.js';
import { conditionShape, type Described, describe, metadataKey, targetValues } from './describe.js';
import { Graph } from './graph.js';
import { encodeModel } from './model-proto.js';
import { networkNodes } from './network-graph.js';
import { resultNodes } from './result-graph.js';
import { cut, padded, sideOf } from './sides.js';
import type { WeightStorage } from './weights.js';

/** Protocol buffers end here. */
const mostBytes = 2 ** 31 - 1;

/** What is exported, and how. */
export interface OnnxExport extends Omit<Described, 'hasNoise'> {
  /** In float32 on the CPU. */
  readonly generator: ImageGenerator;
  readonly storage: WeightStorage;
  /** The version of this package. */
  readonly version: string;
}

/**
 * The ONNX file of a generator. Inputs: `label` and `instance`, int32 (N, H, W); `image`, (N, H, W, C) in the unit of the files;
 * `style`, float32 (N, F, H, W); `seed` of noise, an int32 scalar; those that the network has. Outputs: `result`, (N, H, W, C) in depth and unit of the targets, and
 * `values`, float32 (N, C, H, W) in [-1, 1].
 *
 * @throws UserError where it would be larger than an ONNX file can be.
 */
export function generatorModel(given: OnnxExport): Uint8Array {
  const { generator, config, storage } = given;
  const { network } = generator;
  const graph = new Graph();
  const shape = conditionShape(config);
  const { condition, sides } = conditionNodes(graph, shape);
  const channels = conditionChannels(config) + (usesFeatures(config) ? config.featNum : 0);
  const input = sample(channels, shape);
  const forward = () => network.forward(input);
  const image = evaluating(network, () =>
    networkNodes(graph, network, new Map([[input, condition]]), storage, () =>
      config.model === 'pix2pix' ? asInTraining(network, forward) : forward(),
    ),
  );
  input.dispose();
  resultNodes(graph, cut(graph, image, sides), config.outputNc, outputScale(config));
  return bytesOf(graph, 'generator', given);
}

/**
 * The ONNX file of the encoder: `image`, (N, H, W, C) as `result` of the generator is; `ids`, int32 (N, H, W), the instances, or with
 * styles per class the labels, that have a style each. Output `style`: float32 (N, F, H, W), constant over each.
 *
 * @returns undefined where there is no encoder.
 * @throws UserError where it would be larger than an ONNX file can be.
 */
export function encoderModel(given: OnnxExport): Uint8Array | undefined {
  const { generator, config, storage } = given;
  const { encoder } = generator;
  if (encoder === undefined) return undefined;
  const graph = new Graph();
  const target = targetValues(config);
  const pixels = graph.input('image', target.dtype, ['N', 'H', 'W', target.channels]);
  const ids = graph.input('ids', 'int32', ['N', 'H', 'W']);
  const shape = conditionShape(config);
  const sides = {
    height: sideOf(graph, ids, 1, shape.multiple, shape.least),
    width: sideOf(graph, ids, 2, shape.multiple, shape.least),
  };
  const image = imageNodes(graph, padded(graph, pixels, sides, 1), target);
  const instances = graph.op('Unsqueeze', [padded(graph, ids, sides, 1), graph.ints([1])]);
  const photo = sample(config.outputNc, shape);
  const side = photo.shape[2]!;
  const one = tensor(new Int32Array(side * side), [1, 1, side, side], { dtype: 'int32' });
  const inputs = new Map([
    [photo, image],
    [one, instances],
  ]);
  const style = evaluating(encoder, () =>
    networkNodes(graph, encoder, inputs, storage, () => encoder.encode(photo, one)),
  );
  photo.dispose();
  one.dispose();
  graph.output('style', cut(graph, style, sides), 'float32', ['N', config.featNum, 'H', 'W']);
  return bytesOf(graph, 'encoder', given);
}

/** An image to record a pass with; the graph is for any size. */
function sample(channels: number, { least }: ConditionShape): Tensor {
  return zeros([1, channels, least, least]);
}

/** Runs `body` with a network in evaluation mode, then puts every layer back into its own. */
function evaluating<T>(network: nn.Module, body: () => T): T {
  const layers = [...network.modules()];
  const modes = layers.map(({ training }) => training);
  network.eval();
  try {
    return body();
  } finally {
    layers.forEach((layer, i) => {
      layer.training = modes[i]!;
    });
  }
}

function bytesOf(graph: Graph, kind: 'generator' | 'encoder', given: OnnxExport): Uint8Array {
  if (graph.bytes > mostBytes * 0.99)
    throw new UserError({
      code: 'NOT_EXPORTABLE',
      doing: 'exporting a network to ONNX',
      found: `weights of ${(graph.bytes / 2 ** 30).toFixed(1)} GiB`,
      expected: 'at most 2 GiB, the largest file that the format allows',
      remedy: 'give --precision fp16 or int8, which take half and a quarter of the space, or train a smaller network',
    });
  const description = describe(kind, { ...given, hasNoise: kind === 'generator' && given.generator.hasNoise });
  const { name, step } = description;
  return encodeModel(
    graph.model({
      name: kind,
      description: `The ${kind} of the run ${name} of pix2pixHD, after ${step} steps.`,
      version: given.version,
      metadata: { [metadataKey]: JSON.stringify(description) },
    }),
  );
}
