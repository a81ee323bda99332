/**
 * ImageGenerator: a trained generator that translates an image of any size. Depends on networks, input and checkpoint.
 */
import { type nn, noGrad, ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import { Checkpoint } from '../checkpoint/checkpoint.js';
import { type Compute, computeForTranslation, placeForTranslation } from '../compute/compute.js';
import { type Condition, encodeCondition, encodeIds, encodeImage, withFeatures } from '../conditioning/encode.js';
import type { TrainConfig } from '../config/schema.js';
import { buildEncoder, buildGenerator, usesBoundary, usesFeatures } from '../networks/build.js';
import type { FeatureEncoder } from '../networks/encoder.js';
import { leastSide, sizeMultiple } from '../networks/sizes.js';
import { paddedSide, padPlanes } from './pad.js';

/** An 8-bit image, (H, W, C) interleaved. */
export interface GeneratedImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** The options a generator's input and shape depend on. */
export type GeneratorConfig = Parameters<typeof buildGenerator>[0];

/** A generator in evaluation mode with the configuration it was trained with. */
export class ImageGenerator {
  readonly config: GeneratorConfig;
  readonly #network: nn.Module;
  readonly #encoder: FeatureEncoder | undefined;
  readonly #compute: Compute;

  /** @param network already placed, as the encoder is. {@link dispose} frees them; who only lends them does not call that. */
  constructor(network: nn.Module, config: GeneratorConfig, compute: Compute, encoder?: FeatureEncoder) {
    this.#network = network;
    this.#encoder = encoder;
    this.config = config;
    this.#compute = compute;
  }

  /**
   * Builds the generator that a checkpoint holds, and its encoder.
   * @throws UserError when the file is no checkpoint.
   */
  static load(path: string, compute: Compute): { generator: ImageGenerator; config: TrainConfig; step: number } {
    const own = computeForTranslation(compute);
    return Checkpoint.using(path, checkpoint => {
      const { stageConfig: config, state } = checkpoint;
      const network = buildGenerator(config);
      checkpoint.restoreGenerator(network);
      placeForTranslation(network, own);
      const encoder = buildEncoder(config);
      if (encoder !== undefined) {
        checkpoint.restoreEncoder(encoder);
        placeForTranslation(encoder, own);
      }
      return { generator: new ImageGenerator(network, config, own, encoder), config, step: state.step };
    });
  }

  /** Whether {@link translate} needs features, which tell the style of every object. */
  get usesFeatures(): boolean {
    return usesFeatures(this.config);
  }

  /** Whether there is an encoder, for {@link encodeFeatures}. */
  get encodes(): boolean {
    return this.#encoder !== undefined;
  }

  /**
   * Translates a batch. The result has exactly the condition's size: sides the network cannot take are padded by
   * reflection and the surplus is cut off. No graph is kept.
   * @throws TypeError where the network takes features and the condition has none.
   */
  translate(condition: Condition): GeneratedImage[] {
    const { width, height } = condition;
    if (this.usesFeatures && condition.features === undefined)
      throw new TypeError('ImageGenerator.translate: this network needs features beside the label map');
    const padded = this.#padded(condition);
    return this.#evaluating(() => {
      const output = this.#network.forwardOwned(this.#encode(padded));
      return toImages(ops.narrow(ops.narrow(output, 2, 0, height), 3, 0, width));
    });
  }

  /**
   * What the encoder makes of real images: features (N, C, H, W) that are constant over each instance (over each class
   * where styles go by class).
   * @param image (N, channels, H, W) in [-1, 1], of the condition's size.
   * @throws TypeError where the network has no encoder, or the condition has no maps.
   */
  encodeFeatures(image: Float32Array, condition: Condition): Float32Array {
    const encoder = this.#encoder;
    if (encoder === undefined) throw new TypeError('ImageGenerator.encodeFeatures: this network has no encoder');
    const { width, height } = condition;
    const {
      images,
      width: toWidth,
      height: toHeight,
      label,
      instance,
      source,
    } = this.#padded({ ...condition, source: image });
    const ids = this.config.labelFeat ? label : instance;
    if (ids === undefined) throw new TypeError('ImageGenerator.encodeFeatures: the maps of the image are missing');
    return this.#evaluating(() => {
      const real = encodeImage(source!, [images, this.config.outputNc, toHeight, toWidth], this.#compute);
      const features = encoder.encode(real, encodeIds(ids, images, toHeight, toWidth, this.#compute.device));
      const cut = ops.narrow(ops.narrow(ops.toDtype(features, 'float32'), 2, 0, height), 3, 0, width);
      return ops.contiguous(cut, { memoryFormat: 'contiguous' }).data() as Float32Array;
    });
  }

  /** Maps and images at sides that the networks take. */
  #padded(condition: Condition): Condition {
    const { width, height } = condition;
    const multiple = sizeMultiple(this.config);
    const least = leastSide(this.config);
    const toWidth = paddedSide(width, multiple, least);
    const toHeight = paddedSide(height, multiple, least);
    const pad = <P extends Int32Array | Float32Array>(planes: P) => padPlanes(planes, width, height, toWidth, toHeight);
    const { label, instance, source, features } = condition;
    return {
      ...condition,
      width: toWidth,
      height: toHeight,
      ...(label && { label: pad(label) }),
      ...(instance && { instance: pad(instance) }),
      ...(source && { source: pad(source) }),
      ...(features && { features: pad(features) }),
    };
  }

  /** What the network reads; a scope of its own, so that nothing else of it is left when the network runs. */
  #encode(condition: Condition): Tensor {
    return scope(() => {
      const plain = encodeCondition(condition, this.config.labelNc, usesBoundary(this.config), this.#compute);
      return condition.features === undefined ? plain : withFeatures(plain, this.#features(condition));
    });
  }

  #features({ features, images, height, width }: Condition): Tensor {
    return tensor(features!, [images, this.config.featNum, height, width], {
      dtype: 'float32',
      device: this.#compute.device,
    });
  }

  /** Runs without graph and with both networks in evaluation mode; afterwards every layer is in its own mode again. */
  #evaluating<T>(body: () => T): T {
    const layers = [this.#network, this.#encoder].flatMap(network => [...(network?.modules() ?? [])]);
    const modes = layers.map(layer => layer.training);
    for (const layer of layers) layer.training = false;
    try {
      return noGrad(() => scope(body));
    } finally {
      layers.forEach((layer, i) => {
        layer.training = modes[i]!;
      });
    }
  }

  /** Frees the networks. */
  dispose(): void {
    this.#network.dispose();
    this.#encoder?.dispose();
  }
}

/** (N, C, H, W) in [-1, 1] to 8 bits, rounded: what went in as 8 bits comes out the same. */
function toImages(batch: Tensor): GeneratedImage[] {
  const [count, channels, height, width] = batch.shape as [number, number, number, number];
  const scaled = ops.round(ops.mul(ops.add(ops.clamp(ops.toDtype(batch, 'float32'), -1, 1), 1), 127.5));
  const pixels = ops.toDtype(ops.permute(scaled, [0, 2, 3, 1]), 'uint8').data() as Uint8Array;
  const size = channels * height * width;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    channels,
    data: pixels.subarray(i * size, (i + 1) * size),
  }));
}
