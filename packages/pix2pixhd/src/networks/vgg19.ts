/**
 * Vgg19: the first 13 convolutions of the ImageNet classifier (Simonyan & Zisserman, 2015, configuration E), whose feature maps
 * the perceptual loss compares (section 4). Depends on @pix2pixhd/torch only.
 */
import { nn, ops, RandomGenerator, type Tensor } from '@pix2pixhd/torch';

/** Output channels of the convolutions between two max-pools. The fifth block ends after its first one, relu5_1. */
const blocks: readonly (readonly number[])[] = [
  [64, 64],
  [128, 128],
  [256, 256, 256, 256],
  [512, 512, 512, 512],
  [512],
];

/** Four 2×2 max-pools come before relu5_1: a shorter side would have no pixel left there. */
const minSide = 16;

const reluInPlace = ops.operator('aten::relu_');

/** 3×3 convolution and in-place ReLU: torchvision counts them as two layers. */
class RectifiedConv2d extends nn.Conv2d {
  constructor(inChannels: number, outChannels: number, generator: RandomGenerator) {
    super(inChannels, outChannels, 3, { padding: 1, generator });
  }

  override forward(input: Tensor): Tensor {
    const convolved = super.forward(input);
    const output = reluInPlace([convolved]) as Tensor;
    convolved.dispose();
    return output;
  }
}

/** Maximum over 2×2 pixels, stride 2. */
class MaxPool2x2 extends nn.Module {
  override forward(input: Tensor): Tensor {
    return ops.maxPool2d(input, 2, 2);
  }
}

/** Layers in order, keyed by their index in torchvision's `features`. */
class Slice extends nn.Module {
  readonly #layers: readonly nn.Module[];

  constructor(layers: ReadonlyMap<number, nn.Module>) {
    super();
    this.#layers = [...layers].map(([index, layer]) => this.child(String(index), layer));
  }

  override forward(input: Tensor): Tensor {
    let x = input;
    for (const layer of this.#layers) {
      const before = x;
      x = layer.forward(before);
      // Autograd keeps what its backward pass reads.
      if (before !== input) before.dispose();
    }
    return x;
  }
}

/**
 * Frozen from the start: gradients flow to the image only. Keys as in the public pix2pixHD: `sliceN.K.weight`, K the index in
 * torchvision's `features`. Random until {@link Vgg19.loadTorchvision}.
 */
export class Vgg19 extends nn.Module {
  readonly #slices: readonly Slice[];

  constructor() {
    super();
    // A generator of its own: the run's random numbers do not depend on whether this loss is used.
    const generator = new RandomGenerator(0);
    const slices: Slice[] = [];
    let layers = new Map<number, nn.Module>();
    let index = 0;
    let channels = 3;
    for (const block of blocks) {
      if (index > 0) layers.set(index++, new MaxPool2x2());
      for (const [position, width] of block.entries()) {
        layers.set(index, new RectifiedConv2d(channels, width, generator));
        index += 2;
        channels = width;
        if (position > 0) continue;
        slices.push(this.child(`slice${slices.length + 1}`, new Slice(layers)));
        layers = new Map();
      }
    }
    this.#slices = slices;
    this.trainable(false);
  }

  /**
   * The maps after relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1, in the weights' dtype.
   * @param image (N, 3, H, W), cast to the weights' dtype; sides of at least 16.
   * @returns (N, 64, H, W), (N, 128, H/2, W/2), (N, 256, H/4, W/4), (N, 512, H/8, W/8), (N, 512, H/16, W/16).
   * @throws RangeError if the image has another shape.
   */
  featureMaps(image: Tensor): Tensor[] {
    const [, channels, height, width] = image.shape;
    if (image.shape.length !== 4 || channels !== 3 || Math.min(height!, width!) < minSide)
      throw new RangeError(
        `Vgg19: the image has shape [${image.shape}], expected (N, 3, H, W) with sides from ${minSide}`,
      );
    const maps: Tensor[] = [];
    let x = ops.toDtype(image, this.parameters()[0]!.compute.dtype);
    for (const slice of this.#slices) {
      const before = x;
      x = slice.forward(before);
      if (maps.length === 0) before.dispose();
      maps.push(x);
    }
    return maps;
  }

  /** The last map, after relu5_1. */
  override forward(image: Tensor): Tensor {
    const maps = this.featureMaps(image);
    for (const map of maps.slice(0, -1)) map.dispose();
    return maps.at(-1)!;
  }

  /**
   * Copies the weights out of the state dict of torchvision's `vgg19`; its classifier and its later convolutions are ignored.
   * @throws Error naming every key that is missing or of another shape; nothing is copied then.
   */
  loadTorchvision(state: ReadonlyMap<string, Tensor>): void {
    const own = new Map<string, Tensor>();
    const problems: string[] = [];
    for (const [key, { shape }] of this.stateDict()) {
      const theirs = key.replace(/^slice\d+\./, 'features.');
      const given = state.get(theirs);
      if (given === undefined) problems.push(`missing ${theirs} [${shape}]`);
      else if (String(given.shape) !== String(shape))
        problems.push(`${theirs} has shape [${given.shape}], expected [${shape}]`);
      else own.set(key, given);
    }
    if (problems.length > 0) throw new Error(`not torchvision's VGG19: ${problems.join('; ')}`);
    this.loadStateDict(own);
  }
}
