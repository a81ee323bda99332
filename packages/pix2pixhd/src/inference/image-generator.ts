/**
 * ImageGenerator: a trained generator, and its encoder if it has one, applied to arrays of any size. Depends on networks,
 * conditioning and checkpoint; touches no image file.
 */
import { nn, noGrad, ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import { Checkpoint } from '../checkpoint/checkpoint.js';
import type { Compute } from '../compute/choose-compute.js';
import { computeForInference, placeForInference } from '../compute/place-network.js';
import { type Condition, checkLabels, conditionOf } from '../conditioning/condition.js';
import { appendStyleFeatures, conditionTensor, idTensor, imageTensor } from '../conditioning/tensors.js';
import { type Direction, directed } from '../config/direction.js';
import type { TrainConfig } from '../config/schema.js';
import type { Batch } from '../data/load/batch.js';
import {
  buildEncoder,
  buildGenerator,
  type NetworkConfig,
  usesBoundary,
  usesFeatures,
  usesImages,
} from '../networks/build.js';
import type { FeatureEncoder } from '../networks/encoder.js';
import { leastSide, sizeMultiple } from '../networks/sizes.js';
import type { SynthesizedImage } from '../raster.js';
import { checkDirection, generatorLetter } from './direction.js';
import { asInTraining, seeded } from './noise.js';
import { padCondition, paddedSide } from './pad.js';
import { outputScale, toImages } from './to-images.js';

/** The options that decide what a generator is, and what its results are. */
export type GeneratorConfig = NetworkConfig & Pick<TrainConfig, 'outputRange' | 'outputDepth'>;

/** A generator in evaluation mode with the configuration it was trained with. */
export class ImageGenerator implements Disposable {
  readonly config: GeneratorConfig;
  /** The generator. Lent: {@link dispose} frees it. */
  readonly network: nn.Module;
  /** The encoder of styles, where there is one. Lent as well. */
  readonly encoder: FeatureEncoder | undefined;
  readonly #compute: Compute;

  /**
   * @param network already placed, as the encoder is. {@link dispose} frees both: a caller that only lends them must not call
   * it.
   */
  constructor(network: nn.Module, config: GeneratorConfig, compute: Compute, encoder?: FeatureEncoder) {
    this.network = network;
    this.encoder = encoder;
    this.config = config;
    this.#compute = compute;
  }

  /**
   * Builds the generator that a checkpoint holds, and its encoder. To be disposed of, or declared with `using`.
   *
   * @param direction of a run of CycleGAN, which has a generator for each.
   * @param live the weights as trained, even if the run keeps their EMA.
   * @returns the generator, the options of the stage that was saved, and the number of steps it had been trained for.
   * @throws UserError where the file is not a checkpoint, or has one generator and `direction` asks for another.
   */
  static load(
    path: string,
    compute: Compute,
    direction: Direction = 'AtoB',
    live = false,
  ): { generator: ImageGenerator; config: TrainConfig; step: number } {
    return Checkpoint.using(path, checkpoint => {
      const { stageConfig, state } = checkpoint;
      checkDirection(stageConfig, direction, path);
      const config = directed(stageConfig, direction);
      const own = computeForInference(compute, config);
      const network = nn.skipInit(() => buildGenerator(config));
      checkpoint.restoreGenerator(network, generatorLetter(config, direction), live);
      placeForInference(network, own);
      const encoder = nn.skipInit(() => buildEncoder(config));
      if (encoder !== undefined) {
        checkpoint.restoreEncoder(encoder);
        placeForInference(encoder, own);
      }
      return { generator: new ImageGenerator(network, config, own, encoder), config, step: state.step };
    });
  }

  /** Whether images are made with noise, so that another seed gives another image: dropout, as pix2pix keeps it. */
  get hasNoise(): boolean {
    const { model, netG, noDropout } = this.config;
    return model === 'pix2pix' && netG === 'unet' && !noDropout;
  }

  /** Whether a condition must have style features. */
  get takesStyles(): boolean {
    return usesFeatures(this.config);
  }

  /** Whether there is an encoder, for {@link encodeStyles}. */
  get hasEncoder(): boolean {
    return this.encoder !== undefined;
  }

  /**
   * Generates the images of a condition that the program has made itself. They have exactly its size: sides the network
   * cannot take are padded by reflection, and the surplus is cut off. No graph is kept.
   *
   * @throws RangeError where a label is not a class, TypeError where a map, the image or the style features are missing.
   */
  generate(condition: Condition): SynthesizedImage[] {
    checkLabels(condition, this.config.labelNc);
    return this.#generate(condition);
  }

  /**
   * Generates the images of a batch that a loader has read, and whose labels it has checked; otherwise as {@link generate}.
   *
   * @param styleFeatures (N, featNum, H, W), in place of those that the batch may have from files.
   * @param noiseSeed of networks with noise; the same seed gives the same image.
   */
  generateBatch(batch: Batch, styleFeatures?: Float32Array, noiseSeed = 0): SynthesizedImage[] {
    return this.#generate(conditionOf(batch, styleFeatures), noiseSeed);
  }

  #generate(condition: Condition, noiseSeed = 0): SynthesizedImage[] {
    const { width, height } = condition;
    if (this.takesStyles && condition.styleFeatures === undefined)
      throw new TypeError('ImageGenerator.generate: this network needs style features beside the label map');
    const padded = this.#padded(condition);
    return this.#evaluating(() => {
      const forward = () => this.network.forwardOwned(this.#inputTensor(padded));
      const output =
        this.config.model === 'pix2pix'
          ? asInTraining(this.network, () => seeded(this.#compute.device, noiseSeed, forward))
          : forward();
      const cut = ops.narrow(ops.narrow(output, 2, 0, height), 3, 0, width);
      return toImages(cut, outputScale(this.config));
    });
  }

  /**
   * Encodes the styles of real images: style features (N, featNum, H, W), constant over each instance, or over each class
   * with styles per class (`labelFeat`).
   *
   * @param image (N, outputNc, H, W) in [-1, 1], of the condition's size.
   * @param condition whose instances, or labels, have a style each.
   * @throws TypeError where the network has no encoder, or the condition no such map.
   */
  encodeStyles(image: Float32Array, condition: Condition): Float32Array {
    const encoder = this.encoder;
    if (encoder === undefined) throw new TypeError('ImageGenerator.encodeStyles: this network has no encoder');
    const { width, height } = condition;
    const padded = this.#padded({ ...condition, source: image });
    const ids = this.config.labelFeat ? padded.label : padded.instance;
    if (ids === undefined)
      throw new TypeError(
        `ImageGenerator.encodeStyles: the image has no ${this.config.labelFeat ? 'label' : 'instance'} map`,
      );
    return this.#evaluating(() => {
      const shape = [padded.images, this.config.outputNc, padded.height, padded.width];
      const real = imageTensor(padded.source!, shape, this.#compute);
      const instances = idTensor(ids, padded.images, padded.height, padded.width, this.#compute.device);
      const features = encoder.encode(real, instances);
      const cut = ops.narrow(ops.narrow(ops.toDtype(features, 'float32'), 2, 0, height), 3, 0, width);
      return ops.contiguous(cut, { memoryFormat: 'contiguous' }).data() as Float32Array;
    });
  }

  /** The condition at sides that the networks take. */
  #padded(condition: Condition): Condition {
    const multiple = sizeMultiple(this.config);
    const least = leastSide(this.config);
    const side = (length: number) => paddedSide(length, multiple, least);
    return padCondition(condition, side(condition.width), side(condition.height));
  }

  /** What the network reads; in a scope of its own, so that nothing else of it takes memory while the network runs. */
  #inputTensor(condition: Condition): Tensor {
    const { images, height, width, styleFeatures } = condition;
    return scope(() => {
      const plain = conditionTensor(
        condition,
        this.config.labelNc,
        usesBoundary(this.config),
        this.#compute,
        usesImages(this.config),
      );
      if (styleFeatures === undefined) return plain;
      const shape = [images, this.config.featNum, height, width];
      return appendStyleFeatures(
        plain,
        tensor(styleFeatures, shape, { dtype: 'float32', device: this.#compute.device }),
      );
    });
  }

  /** Runs without graph and with both networks in evaluation mode; afterwards every layer is in its own mode again. */
  #evaluating<T>(body: () => T): T {
    const layers = [this.network, this.encoder].flatMap(network => [...(network?.modules() ?? [])]);
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

  /** Frees the networks. The generator cannot be used afterwards. */
  dispose(): void {
    this.network.dispose();
    this.encoder?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
