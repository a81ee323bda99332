/**
 * The segmenter that is trained here: a U-Net (Ronneberger et al., 2015) of residual blocks (He et al., 2016) with batch norm. Small,
 * trained from scratch. Depends on torch only.
 */
import { nn, ops, type RandomGenerator, type Tensor } from '@pix2pixhd/torch';

/** Shape of a {@link SegmentationUNet}. */
export interface SegmentationUNetOptions {
  readonly inputChannels: number;
  readonly classes: number;
  /** Channels at full size; each halving doubles them. */
  readonly channels: number;
  /** Halvings. Sides must be multiples of 2^levels. */
  readonly levels: number;
}

/** Convolution without bias, since batch norm follows, and batch norm. */
function convNorm(from: number, to: number, kernel: 1 | 3, stride: number, generator: RandomGenerator): nn.Module[] {
  const padding = kernel === 3 ? 1 : 0;
  return [new nn.Conv2d(from, to, kernel, { stride, padding, bias: false, generator }), new nn.BatchNorm2d(to)];
}

/** ReLU(body(x) + shortcut(x)), He et al.'s basic block; keys `body.N`, and `shortcut.N` where shapes differ. */
class ResidualUnit extends nn.Module {
  readonly #body: nn.Sequential;
  readonly #shortcut: nn.Sequential | null;

  constructor(from: number, to: number, stride: number, generator: RandomGenerator) {
    super();
    const first = convNorm(from, to, 3, stride, generator);
    this.#body = this.child('body', new nn.Sequential([...first, new nn.ReLU(), ...convNorm(to, to, 3, 1, generator)]));
    this.#shortcut =
      from === to && stride === 1
        ? null
        : this.child('shortcut', new nn.Sequential(convNorm(from, to, 1, stride, generator)));
  }

  override forward(input: Tensor): Tensor {
    const body = this.#body.forward(input);
    const shortcut = this.#shortcut === null ? input : this.#shortcut.forward(input);
    const sum = ops.add(body, shortcut);
    body.dispose();
    if (shortcut !== input) shortcut.dispose();
    const output = ops.relu(sum);
    sum.dispose();
    return output;
  }
}

/** (N, inputChannels, H, W) in [-1, 1] → logits (N, classes, H, W). Keys `stem.…`, `down.N.…`, `up.N.…`, `head.…`. */
export class SegmentationUNet extends nn.Module {
  readonly #stem: nn.Sequential;
  readonly #down: readonly ResidualUnit[];
  readonly #up: readonly ResidualUnit[];
  readonly #head: nn.Conv2d;

  /** @param generator source of the initial weights: equal seeds give equal networks. */
  constructor(options: SegmentationUNetOptions, generator: RandomGenerator) {
    super();
    const { inputChannels, classes, channels, levels } = options;
    const at = (level: number) => channels * 2 ** level;
    const each = <T>(make: (level: number) => T) => Array.from({ length: levels }, (_, level) => make(level));
    this.#stem = this.child(
      'stem',
      new nn.Sequential([...convNorm(inputChannels, channels, 3, 1, generator), new nn.ReLU()]),
    );
    this.#down = each(level => this.child(`down.${level}`, new ResidualUnit(at(level), at(level + 1), 2, generator)));
    this.#up = each(level =>
      this.child(`up.${level}`, new ResidualUnit(at(level + 1) + at(level), at(level), 1, generator)),
    );
    this.#head = this.child('head', new nn.Conv2d(channels, classes, 1, { generator }));
  }

  override forward(input: Tensor): Tensor {
    const skips: Tensor[] = [];
    let features = this.#stem.forward(input);
    for (const unit of this.#down) {
      skips.push(features);
      features = unit.forward(features);
    }
    for (const unit of [...this.#up].reverse()) {
      const skip = skips.pop()!;
      const joined = joinUpsampled(features, skip);
      features = unit.forward(joined);
      joined.dispose();
    }
    const logits = this.#head.forward(features);
    features.dispose();
    return logits;
  }
}

/** Coarse features doubled in size (nearest), and behind them those of that size. Both are taken over. */
function joinUpsampled(coarse: Tensor, skip: Tensor): Tensor {
  const [, , height, width] = skip.shape as [number, number, number, number];
  const doubled = ops.upsampleNearest2d(coarse, [height, width]);
  coarse.dispose();
  const joined = ops.cat([doubled, skip], 1);
  doubled.dispose();
  skip.dispose();
  return joined;
}
