/**
 * The convolutional parts of torchvision's AlexNet (Krizhevsky, 2014) and VGG16 (Simonyan & Zisserman, 2015, configuration D), read off
 * at five layers, as LPIPS uses them. Depends on torch.
 */
import { nn, ops, type Tensor } from '@pix2pixhd/torch';

/** A convolution and its ReLU, by its index in torchvision's `features`. */
interface ConvolutionSpec {
  readonly index: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly side: number;
  readonly stride: number;
  readonly padding: number;
  /** Whether its map is read off. */
  readonly tap: boolean;
}
/** Max-pooling, of the side and stride. */
type PoolSpec = readonly [side: number, stride: number];

/** A network of convolutions and pools, the first layer first. */
export interface TappedSpec {
  readonly title: string;
  readonly layers: readonly (ConvolutionSpec | PoolSpec)[];
  /** Channels of the maps that are read off. */
  readonly channels: readonly number[];
  /** Shorter sides leave no pixel in the last map. */
  readonly leastSide: number;
}

/** AlexNet up to relu5. */
export const alexNet: TappedSpec = {
  title: 'AlexNet',
  layers: [
    { index: 0, inputs: 3, outputs: 64, side: 11, stride: 4, padding: 2, tap: true },
    [3, 2],
    { index: 3, inputs: 64, outputs: 192, side: 5, stride: 1, padding: 2, tap: true },
    [3, 2],
    { index: 6, inputs: 192, outputs: 384, side: 3, stride: 1, padding: 1, tap: true },
    { index: 8, inputs: 384, outputs: 256, side: 3, stride: 1, padding: 1, tap: true },
    { index: 10, inputs: 256, outputs: 256, side: 3, stride: 1, padding: 1, tap: true },
  ],
  channels: [64, 192, 384, 256, 256],
  leastSide: 31,
};

/** VGG16 up to relu5_3; the maps are those before each pool. */
export const vgg16: TappedSpec = {
  title: 'VGG16',
  layers: vggLayers([
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ]),
  channels: [64, 128, 256, 512, 512],
  leastSide: 16,
};

function vggLayers(blocks: readonly (readonly number[])[]): TappedSpec['layers'] {
  const layers: (ConvolutionSpec | PoolSpec)[] = [];
  let index = 0;
  let inputs = 3;
  for (const [b, block] of blocks.entries()) {
    for (const [i, outputs] of block.entries()) {
      layers.push({ index, inputs, outputs, side: 3, stride: 1, padding: 1, tap: i === block.length - 1 });
      index += 2;
      inputs = outputs;
    }
    if (b < blocks.length - 1) layers.push([2, 2]);
    index++;
  }
  return layers;
}

/** The layers by their keys in torchvision's `features`. */
class Features extends nn.Module {
  readonly #layers: readonly (readonly [ConvolutionSpec, nn.Conv2d] | PoolSpec)[];

  constructor(spec: TappedSpec) {
    super();
    this.#layers = spec.layers.map(layer => {
      if (isPool(layer)) return layer;
      const { index, inputs, outputs, side, stride, padding } = layer;
      return [layer, this.child(String(index), new nn.Conv2d(inputs, outputs, side, { stride, padding }))] as const;
    });
  }

  maps(image: Tensor): Tensor[] {
    const maps: Tensor[] = [];
    let x = image;
    for (const [first, second] of this.#layers) {
      if (typeof first === 'number') {
        x = ops.maxPool2d(x, first, second as number);
        continue;
      }
      x = ops.relu((second as nn.Conv2d).forward(x));
      if (first.tap) maps.push(x);
    }
    return maps;
  }

  override forward(image: Tensor): Tensor {
    return this.maps(image).at(-1)!;
  }
}

function isPool(layer: ConvolutionSpec | PoolSpec): layer is PoolSpec {
  return Array.isArray(layer);
}

/** A network of a {@link TappedSpec}; keys `features.N.weight`, as torchvision's. */
export class TappedNetwork extends nn.Module {
  readonly #features: Features;

  constructor(spec: TappedSpec) {
    super();
    this.#features = this.child('features', new Features(spec));
  }

  /** The maps that are read off, each after its ReLU. @param image (N, 3, H, W). */
  maps(image: Tensor): Tensor[] {
    return this.#features.maps(image);
  }

  override forward(image: Tensor): Tensor {
    return this.#features.forward(image);
  }
}
