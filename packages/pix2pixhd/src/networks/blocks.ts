/**
 * The layers that generators, discriminators and encoders share, in the order of the paper's appendix (c7s1-k, dk, Rk, uk).
 * Depends on @pix2pixhd/torch only.
 */
import { nn, ops, type Tensor } from '@pix2pixhd/torch';

/** Normalisation after convolutions: instance norm without affine parameters (the default), or batch norm. */
export type NormKind = 'instance' | 'batch';

/** How a generator doubles its resolution: transposed convolution (the public keys), or nearest resize + convolution. */
export type UpsampleKind = 'transpose' | 'resize';

/**
 * What the public networks do not have, for conditions that look like the image: `input`: the last convolution reads the
 * condition again. `all`: and what each halving made is added to the doubling of the same size.
 */
export type SkipKind = 'none' | 'input' | 'all';

/** A norm layer for `channels`. */
export function norm(kind: NormKind, channels: number): nn.Module {
  return kind === 'instance' ? new nn.InstanceNorm2d() : new nn.BatchNorm2d(channels);
}

/** Norm and ReLU. */
function normRelu(kind: NormKind, channels: number): nn.Module[] {
  return [norm(kind, channels), new nn.ReLU()];
}

/** The first layers of a network, c7s1-k: reflection pad 3, 7×7 convolution, norm, ReLU. Their input may be one-hot labels. */
export function inputLayers(kind: NormKind, inChannels: number, outChannels: number): nn.Module[] {
  const conv = new nn.SparseInputConv2d(inChannels, outChannels, 7);
  return [new nn.ReflectionPad2d(3), conv, ...normRelu(kind, outChannels)];
}

/** The last layers of a network that makes an image in [-1, 1]: reflection pad 3, 7×7 convolution, tanh. */
export function outputLayers(inChannels: number, outChannels: number): nn.Module[] {
  return [new nn.ReflectionPad2d(3), new nn.ConvToImage(inChannels, outChannels, 7), new nn.Tanh()];
}

/**
 * {@link outputLayers} whose convolution reads the condition beside the features: one over both, as a sum of two. The norms
 * before it take out what is flat; the condition still has it. Keys `features.…` and `condition.…`.
 */
export class SkippedOutput extends nn.Module {
  readonly #features: nn.ConvToImage;
  readonly #condition: nn.ConvToImage;
  readonly #channels: readonly [number, number];

  constructor(featureChannels: number, conditionChannels: number, outChannels: number) {
    super();
    this.#channels = [featureChannels, conditionChannels];
    this.#features = this.child('features', new nn.ConvToImage(featureChannels, outChannels, 7));
    this.#condition = this.child('condition', new nn.ConvToImage(conditionChannels, outChannels, 7));
  }

  /** Features and condition of the same size → the image. */
  readonly segment: nn.Segment = (features, condition) => {
    const parts = [
      [this.#features, features!],
      [this.#condition, condition!],
    ] as const;
    const [ours, theirs] = parts.map(([conv, input]) => {
      const padded = nn.consume(input, tensor => ops.reflectionPad(tensor, 3));
      const output = conv.forward(padded);
      padded.dispose();
      return output;
    });
    const sum = ops.add(ours!, theirs!);
    ours!.dispose();
    theirs!.dispose();
    const image = ops.tanh(sum);
    sum.dispose();
    return image;
  };

  /** @param input (N, features + condition, H, W). */
  override forward(input: Tensor): Tensor {
    const [ours, theirs] = this.#channels;
    const features = ops.narrow(input, 1, 0, ours);
    const condition = ops.narrow(input, 1, ours, theirs);
    return this.segment({ tensor: features, lastUse: true }, { tensor: condition, lastUse: true });
  }
}

/** A segment whose output is added to features of the same size. */
export function added(segment: nn.Segment): nn.Segment {
  return (input, features) => {
    const output = segment(input!);
    const sum = nn.consume(features!, tensor => ops.add(output, tensor));
    output.dispose();
    return sum;
  };
}

/** dk: 3×3 convolution of stride 2 that doubles the channels, norm, ReLU. */
export function downsample(kind: NormKind, channels: number): nn.Module[] {
  return [new nn.Conv2d(channels, channels * 2, 3, { stride: 2, padding: 1 }), ...normRelu(kind, channels * 2)];
}

/** uk: doubles the resolution and halves the channels, norm, ReLU. */
export function upsample(kind: NormKind, by: UpsampleKind, channels: number): nn.Module[] {
  const half = channels / 2;
  const conv =
    by === 'transpose'
      ? new nn.ConvTranspose2d(channels, half, 3, { stride: 2, padding: 1, outputPadding: 1 })
      : new ResizeConv2d(channels, half);
  return [conv, ...normRelu(kind, half)];
}

/**
 * Nearest-neighbour resize by 2 and a 3×3 convolution, instead of a transposed convolution: no checkerboard artefacts (Odena
 * et al., 2016). Keys `weight` (out, in, 3, 3) and `bias`.
 */
export class ResizeConv2d extends nn.Conv2d {
  constructor(inChannels: number, outChannels: number) {
    super(inChannels, outChannels, 3, { padding: 1 });
  }

  override forward(input: Tensor): Tensor {
    const [, , height, width] = input.shape as [number, number, number, number];
    const doubled = ops.upsampleNearest2d(input, [height * 2, width * 2]);
    const output = super.forward(doubled);
    doubled.dispose();
    return output;
  }
}

/** Rk: x + body(x), body = (pad 1, 3×3 convolution, norm, ReLU, pad 1, 3×3 convolution, norm); keys `conv_block.1`, `.5`. */
export class ResidualBlock extends nn.Module {
  readonly #body: nn.Sequential;
  readonly #lastNorm: nn.Module;

  constructor(kind: NormKind, channels: number) {
    super();
    const conv = () => [new nn.ReflectionPad2d(1), new nn.Conv2d(channels, channels, 3)];
    this.#lastNorm = norm(kind, channels);
    this.#body = this.child(
      'conv_block',
      new nn.Sequential([...conv(), ...normRelu(kind, channels), ...conv(), this.#lastNorm]),
    );
  }

  override forward(input: Tensor): Tensor {
    const fused = this.#lastNorm instanceof nn.InstanceNorm2d ? this.#lastNorm : null;
    const layers = this.#body.layers.length;
    const body = this.#body.forwardRange(input, 0, fused === null ? layers : layers - 1);
    if (fused !== null) return fused.forwardResidual(body, input);
    const output = ops.add(input, body);
    body.dispose();
    return output;
  }
}

/** The next coarser level of an image pyramid: average over 3×3 with stride 2; padding does not count. */
export function downsampleImage(input: Tensor): Tensor {
  return ops.avgPool2d(input, 3, 2, 1, false, false);
}
