/**
 * ImageGenerator: a trained generator that translates an image of any size. Depends on networks, input and checkpoint.
 */
import { type nn, noGrad, ops, scope, type Tensor } from '@pix2pixhd/torch';
import { Checkpoint } from '../checkpoint/checkpoint.js';
import type { TrainConfig } from '../config/schema.js';
import { type Condition, encodeCondition } from '../input/encode.js';
import { type Compute, placeNetwork } from '../model/compute.js';
import { buildGenerator, usesBoundary } from '../model/networks.js';
import { leastSide, sizeMultiple } from '../model/sizes.js';
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
  readonly #compute: Compute;

  /** @param network already placed. {@link dispose} frees it; who only lends it does not call that. */
  constructor(network: nn.Module, config: GeneratorConfig, compute: Compute) {
    this.#network = network;
    this.config = config;
    this.#compute = compute;
  }

  /**
   * Builds the generator that a checkpoint holds.
   * @throws UserError when the file is no checkpoint.
   */
  static load(path: string, compute: Compute): { generator: ImageGenerator; config: TrainConfig; step: number } {
    const checkpoint = Checkpoint.read(path, 'generator');
    const { config, step } = checkpoint.state;
    const network = buildGenerator(config);
    checkpoint.restoreGenerator(network);
    network.trainable(false);
    return {
      generator: new ImageGenerator(placeNetwork(network, compute).discardMasters().eval(), config, compute),
      config,
      step,
    };
  }

  /**
   * Translates a batch. The result has exactly the condition's size: sides the network cannot take are padded by
   * reflection and the surplus is cut off. No graph is kept.
   */
  translate(condition: Condition): GeneratedImage[] {
    const { width, height } = condition;
    const multiple = sizeMultiple(this.config);
    const least = leastSide(this.config);
    const toWidth = paddedSide(width, multiple, least);
    const toHeight = paddedSide(height, multiple, least);
    const pad = <P extends Int32Array | Float32Array>(planes: P) => padPlanes(planes, width, height, toWidth, toHeight);
    const padded: Condition = {
      ...condition,
      width: toWidth,
      height: toHeight,
      ...(condition.label && { label: pad(condition.label) }),
      ...(condition.instance && { instance: pad(condition.instance) }),
      ...(condition.source && { source: pad(condition.source) }),
    };
    const wasTraining = this.#network.training;
    this.#network.eval();
    try {
      return noGrad(() =>
        scope(() => {
          const input = encodeCondition(padded, this.config.labelNc, usesBoundary(this.config), this.#compute);
          const output = this.#network.forward(input);
          return toImages(ops.narrow(ops.narrow(output, 2, 0, height), 3, 0, width));
        }),
      );
    } finally {
      this.#network.train(wasTraining);
    }
  }

  /** Frees the network. */
  dispose(): void {
    this.#network.dispose();
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
