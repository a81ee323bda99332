/**
 * How far two images are apart for a small network that learnt to tell the data set's own real images apart: what PSNR and L1
 * do not see, without weights from elsewhere. Depends on torch, the data module and rasters.
 *
 * The network is trained by instance discrimination: two crops of one image are to have the same embedding, and another than
 * those of the other images (Chen et al., "A simple framework for contrastive learning of visual representations", 2020). The
 * distance is that of LPIPS before its learnt weights (Zhang et al., "The unreasonable effectiveness of deep features as a
 * perceptual metric", 2018): squared differences of feature vectors of unit length, averaged over places, then over layers.
 */
import {
  manualSeed,
  nn,
  noGrad,
  ops,
  optim,
  readSafetensors,
  scope,
  type Tensor,
  tensor,
  writeSafetensors,
} from '@pix2pixhd/torch';
import type { Sample } from '../../src/data/find/pairs.js';
import { Loader } from '../../src/data/load/loader.js';
import type { SampleSpec } from '../../src/data/load/sample.js';
import { Random } from '../../src/data/random.js';
import type { Image8 } from '../../src/raster.js';

const widths = [32, 64, 128, 128] as const;
const embedding = 64;
/** Side of the crops; smaller images are taken whole. */
const cropSide = 64;
const batchSize = 32;
const temperature = 0.2;

/** 3×3 convolutions of stride 2, each with ReLU, and an embedding of unit length for training. */
class FeatureNetwork extends nn.Module {
  readonly #layers: nn.Conv2d[] = [];
  readonly #head: nn.Linear;

  constructor(readonly channels: number) {
    super();
    for (const [i, width] of widths.entries()) {
      const conv = new nn.Conv2d(widths[i - 1] ?? channels, width, 3, { stride: 2, padding: 1 });
      this.#layers.push(this.child(`layer${i}`, conv));
    }
    this.#head = this.child('head', new nn.Linear(widths.at(-1)!, embedding));
  }

  /** (N, C, H, W) in [-1, 1] → one map per layer, each half as large. */
  maps(images: Tensor): Tensor[] {
    const maps: Tensor[] = [];
    for (const layer of this.#layers) maps.push(ops.relu(layer.forward(maps.at(-1) ?? images)));
    return maps;
  }

  /** (N, C, H, W) → (N, {@link embedding}). */
  override forward(images: Tensor): Tensor {
    return unitLength(this.#head.forward(ops.mean(this.maps(images).at(-1)!, [2, 3])));
  }
}

/** Vectors along axis 1, divided by their lengths. */
function unitLength(vectors: Tensor): Tensor {
  return ops.div(vectors, ops.sqrt(ops.add(ops.sum(ops.square(vectors), 1, true), 1e-10)));
}

/** Trains a feature network on the real images of some samples, and writes it to a file. The same samples give the same network. */
export async function trainFeatureNetwork(
  file: string,
  samples: readonly Sample[],
  spec: SampleSpec,
  steps: number,
): Promise<void> {
  manualSeed(0);
  const { imageChannels: channels } = spec;
  const network = new FeatureNetwork(channels);
  const optimizer = new optim.Adam(network.namedParameters(), { lr: 1e-3 });
  const random = new Random(0);
  const loader = new Loader({ samples, spec, batchSize: 1, seed: 0 });
  try {
    for (let step = 0; step < steps; step++) {
      const images: Image[] = [];
      for (let i = step * batchSize; i < (step + 1) * batchSize; i++) {
        const { image, width, height } = await loader.batch(Math.floor(i / samples.length), i % samples.length);
        images.push({ image: image!, width, height });
      }
      scope(() => {
        const [one, other] = [0, 1].map(() => network.forward(drawCrops(images, channels, random)));
        const likeness = ops.div(ops.matmul(one!, ops.transpose(other!, 0, 1)), temperature);
        const own = ops.arange(0, batchSize, { dtype: 'int64' });
        const loss = ops.add(ops.crossEntropy(likeness, own), ops.crossEntropy(ops.transpose(likeness, 0, 1), own));
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
      });
    }
    const weights = [...network.stateDict()].map(([name, weight]) => [name, weight.toData()] as const);
    writeSafetensors(file, new Map(weights), { channels: String(channels) });
  } finally {
    await loader.close();
    optimizer.dispose();
    network.dispose();
  }
}

/** An image of a batch of one, (C, H, W). */
interface Image {
  readonly image: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** A crop at a random place of each image, half of them mirrored: (N, C, side, side). */
function drawCrops(images: readonly Image[], channels: number, random: Random): Tensor {
  const side = Math.min(cropSide, ...images.flatMap(({ width, height }) => [width, height]));
  const values = new Float32Array(images.length * channels * side * side);
  let at = 0;
  for (const { image, width, height } of images) {
    const [left, top] = [random.integer(width - side + 1), random.integer(height - side + 1)];
    const mirrored = random.integer(2) === 1;
    for (let row = 0; row < channels * side; row++) {
      const from = (Math.floor(row / side) * height + top + (row % side)) * width + left;
      const cut = image.subarray(from, from + side);
      values.set(mirrored ? Float32Array.from(cut).reverse() : cut, at);
      at += side;
    }
  }
  return tensor(values, [images.length, channels, side, side], { dtype: 'float32' });
}

/** The distance by a trained network. To be disposed of. */
export class FeatureDistance implements Disposable {
  readonly #network: FeatureNetwork;

  private constructor(network: FeatureNetwork) {
    this.#network = network;
  }

  /** @param file of {@link trainFeatureNetwork}. */
  static load(file: string): FeatureDistance {
    const { tensors, metadata } = readSafetensors(file);
    const network = new FeatureNetwork(Number(metadata.channels));
    network.loadStateDict(tensors);
    return new FeatureDistance(network);
  }

  /** 0 for images that look the same to the network, at most 4. Both of one size. */
  between(a: Image8, b: Image8): number {
    return noGrad(() =>
      scope(() => {
        const [ofA, ofB] = [a, b].map(image => this.#network.maps(toTensor(image)).map(unitLength));
        const distances = ofA!.map((map, i) => ops.mean(ops.sum(ops.square(ops.sub(map, ofB![i]!)), 1)).item());
        return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#network.dispose();
  }
}

/** 8 bits to [-1, 1], (1, C, H, W). */
function toTensor({ data, width, height, channels }: Image8): Tensor {
  const values = tensor(
    Float32Array.from(data, value => value / 127.5 - 1),
    [1, height, width, channels],
    {
      dtype: 'float32',
    },
  );
  return ops.permute(values, [0, 3, 1, 2]);
}
