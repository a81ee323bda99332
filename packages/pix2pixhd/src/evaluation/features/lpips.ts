/**
 * LPIPS: Zhang, Isola, Efros, Shechtman, Wang, "The unreasonable effectiveness of deep features as a perceptual metric", CVPR
 * 2018, version 0.1 of its public program. Depends on torch and the networks beside it.
 */
import { nn, noGrad, ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import type { ComparedImage } from '../comparable.js';
import type { PairMeter } from '../metric.js';
import { imageTensor, type Placement } from './image-tensor.js';
import type { TappedNetwork } from './tapped-layers.js';

/** The mean and deviation of ImageNet's images, in [-1, 1], that the public program subtracts and divides by. */
const SHIFT = [-0.03, -0.088, -0.188];
const SCALE = [0.458, 0.448, 0.45];
/** Keeps vectors of zeros from being divided by zero; added to the length, as there. */
const EPSILON = 1e-10;

/** The 1×1 convolutions that weigh the channels of each map; keys `linN.model.1.weight` (1, C, 1, 1). */
export class ChannelWeights extends nn.Module {
  readonly #layers: readonly nn.Conv2d[];

  constructor(channels: readonly number[]) {
    super();
    this.#layers = channels.map((count, i) =>
      this.child(`lin${i}.model.1`, new nn.Conv2d(count, 1, 1, { bias: false })),
    );
  }

  /** The weights of a layer's channels applied: (N, C, H, W) → (N, 1, H, W). */
  weighted(differences: Tensor, layer: number): Tensor {
    return this.#layers[layer]!.forward(differences);
  }

  override forward(differences: Tensor): Tensor {
    return this.weighted(differences, 0);
  }
}

/** The distance by one network. To be disposed of. */
export class Lpips implements PairMeter {
  readonly #network: TappedNetwork;
  readonly #weights: ChannelWeights;
  readonly #placement: Placement;

  /** Takes both over. */
  constructor(
    network: TappedNetwork,
    weights: ChannelWeights,
    placement: Placement = { device: 'cpu', dtype: 'float32' },
  ) {
    this.#network = network;
    this.#weights = weights;
    this.#placement = placement;
    for (const module of [network, weights]) module.trainable(false).to(placement);
  }

  /** 0 for images that look the same to the network. Both of one size, grey or RGB. */
  compare(a: ComparedImage, b: ComparedImage): number {
    return noGrad(() =>
      scope(() => {
        const [ofA, ofB] = [a, b].map(image => this.#network.maps(this.#input(image)).map(unitLength));
        let sum = 0;
        for (const [layer, map] of ofA!.entries()) {
          const differences = ops.square(ops.sub(map, ofB![layer]!));
          sum += ops.mean(this.#weights.weighted(differences, layer)).item();
        }
        return sum;
      }),
    );
  }

  /** (1, 3, H, W), normalised as ImageNet's images were. */
  #input(image: ComparedImage): Tensor {
    const unit = imageTensor(image, value => value / 127.5 - 1, this.#placement);
    const channels = (values: readonly number[]) => tensor(values, [1, 3, 1, 1], this.#placement);
    return ops.div(ops.sub(unit, channels(SHIFT)), channels(SCALE));
  }

  [Symbol.dispose](): void {
    this.#network.dispose();
    this.#weights.dispose();
  }
}

/** Vectors along axis 1, divided by their lengths. */
function unitLength(map: Tensor): Tensor {
  const length = ops.sqrt(ops.sum(ops.square(map), 1, true));
  return ops.div(map, ops.add(length, EPSILON));
}
